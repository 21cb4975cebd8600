const LIGHT = `color-scheme: light; --paper: #f6f6f3; --surface: #ffffff; --sunken: #f0f0ec; --text: #1b1d20; --muted: #5d6268;
  --line: #deded8; --grid: #e9e9e4; --accent: #1f5f99; --good: #1d7a52; --warn: #a85b00; --bad: #b3261e; --with: #2f7fc1;
  --against: #d9662b; --c0: #0067a8; --c1: #c65200; --c2: #00805c; --c3: #a3408a; --c4: #8a6d00; --c5: #2b94c9;
  --c6: #7a1f3d; --c7: #5b5f66;`;

const DARK = `color-scheme: dark; --paper: #101214; --surface: #171a1d; --sunken: #1e2226; --text: #e7e9ea; --muted: #a2a8af;
  --line: #2e3439; --grid: #262b30; --accent: #7cb8ec; --good: #5cc79a; --warn: #f0a94a; --bad: #ff8a80; --with: #4f9fe0;
  --against: #e07f45; --c0: #5cb0ee; --c1: #ff9152; --c2: #3fcf9f; --c3: #e592cd; --c4: #e6c14a; --c5: #9fd6f5;
  --c6: #ff9fb6; --c7: #b3b8be;`;

const COLORS = Array.from({ length: 8 }, (_, i) => `.c${i} { --color: var(--c${i}); }`).join(' ');

/** The whole style sheet of the page: it asks the network for nothing. */
export const STYLE = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 18px; margin: 40px 0 4px; }
h3 { font-size: 14px; margin: 0 0 2px; }
p { margin: 0 0 12px; max-width: 76ch; }
.lead { color: var(--muted); }
.panel + .panel { margin-top: 72px; border-top: 1px solid var(--line); padding-top: 28px; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 14px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--surface); }
th, td { text-align: left; padding: 7px 10px; border-bottom: 1px solid var(--line); vertical-align: top; font-size: 14px; }
thead th { color: var(--muted); font-weight: 600; font-size: 12.5px; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 600; white-space: nowrap; }
td.number { text-align: right; }
td.why { color: var(--muted); min-width: 22em; }
.chip { display: inline-block; min-width: 5.2em; padding: 1px 8px; border-radius: 99px; border: 1px solid currentColor; font-size: 12.5px; font-weight: 600; text-align: center; }
.chip.good { color: var(--good); } .chip.weak { color: var(--warn); } .chip.bad { color: var(--bad); } .chip.unknown { color: var(--muted); border-style: dashed; font-weight: 400; }
ul.short { list-style: none; margin: 8px 0 0; padding: 0; } ul.short li { margin: 6px 0; display: grid; grid-template-columns: 6.4em 1fr; gap: 10px; align-items: baseline; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 0 0 12px; font-size: 13px; color: var(--muted); }
.legend svg { width: 26px; height: 8px; margin-right: 6px; vertical-align: middle; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 12px; }
.curves figure { margin: 0; } .curves figcaption { display: flex; justify-content: space-between; gap: 8px; align-items: baseline; margin-bottom: 4px; }
figcaption small { color: var(--muted); }
svg { display: block; width: 100%; height: auto; overflow: visible; }
.legend svg { display: inline-block; }
text { fill: var(--text); font-size: 12px; }
.tick, .axis, .note { fill: var(--muted); font-size: 11px; }
.curves text { font-size: 10.5px; }
.grid { stroke: var(--grid); stroke-width: 1; }
.zero { stroke: var(--muted); stroke-width: 1; }
.run { color: var(--color); } ${COLORS}
.curve { fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; }
.d1 .curve, .d1.run .curve { stroke-dasharray: 6 3; } .d2 .curve, .d2.run .curve { stroke-dasharray: 2 2.5; }
.band { fill: currentColor; opacity: 0.13; stroke: none; } .dot { fill: currentColor; }
.region { fill: var(--good); opacity: 0.07; } .diagonal { stroke: var(--muted); stroke-dasharray: 4 4; }
.mark { color: var(--muted); } .mark.good { color: var(--good); } .mark.weak { color: var(--warn); } .mark.bad { color: var(--bad); }
.mark circle { fill: currentColor; stroke: var(--surface); stroke-width: 1.5; } .leader { fill: none; stroke: currentColor; stroke-width: 0.75; opacity: 0.5; }
.cell { stroke: none; } .cell.none { fill: var(--sunken); } .value { font-size: 10.5px; } .contradiction { fill: var(--bad); }
.view circle { fill: var(--surface); stroke: currentColor; stroke-width: 2; } .view.current circle { fill: currentColor; } .view .reach { stroke: currentColor; stroke-width: 2; opacity: 0.55; }
.view.all { color: var(--muted); } .view.current { color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; margin: 12px 0 0; } dt { font-weight: 600; } dd { margin: 0; max-width: 76ch; }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--accent); }
@media (max-width: 640px) { dl { grid-template-columns: 1fr; } ul.short li { grid-template-columns: 1fr; gap: 0; } }
@media print { .card, .curves figure { break-inside: avoid; } }
`;
