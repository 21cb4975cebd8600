import type { Auditor } from '../lenses/auditor.js';
import { html, type Markup } from './markup.js';
import type { Audited } from './panel-report.js';

/** Rows shown at once; the others are folded away. */
const SHOWN = 20;

/** Every pair of metrics that contradict each other, the most contradictory first. */
export function contradictionsSection(auditor: Auditor, metrics: readonly Audited[]): Markup {
  const found = metrics.flatMap((first, i) =>
    metrics.slice(i + 1).flatMap((second) => {
      const count = first.statistics.agreement?.[`${second.key.metric}|${second.key.param}`]?.contradictions ?? 0;
      return count > 0
        ? [{ first, second, pairs: auditor.contradictions(first.key.panel, first.key, second.key) }]
        : [];
    }),
  );
  found.sort((a, b) => b.pairs.length - a.pairs.length);
  const rows = found.map(
    ({ first, second, pairs }) =>
      html`<tr>
        <th scope="row">${first.name}</th>
        <th scope="row">${second.name}</th>
        <td class="number">${pairs.length}</td>
        <td class="why">
          ${pairs.slice(0, 3).map(({ better, worse }, i) => html`${i > 0 ? '; ' : ''}${better} over ${worse}`)}${pairs.length > 3 ? ', …' : ''}
        </td>
      </tr>`,
  );
  return html`<h2>Contradictions</h2>
    <p>Pairs of runs that both metrics tell apart with confidence, and in opposite order.</p>
    ${rows.length === 0 ? html`<p class="lead">There are none.</p>` : html`<div class="card">${table(rows.slice(0, SHOWN))}</div>`}
    ${
      rows.length > SHOWN
        ? html`<details>
            <summary>${rows.length - SHOWN} more</summary>
            <div class="card">${table(rows.slice(SHOWN))}</div>
          </details>`
        : undefined
    }`;
}

function table(rows: readonly Markup[]): Markup {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">One metric</th>
        <th scope="col">The other</th>
        <th scope="col">Pairs of runs</th>
        <th scope="col">What the one puts over what, and the other does not</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
