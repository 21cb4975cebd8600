import { html, type Markup } from './markup.js';

const COLORS = 8;
const DASHES = 3;

/** A colour and a dash for each run; where there are more runs than those give, for each variant. */
export interface RunStyles {
  readonly classOf: (run: string) => string;
  readonly legend: Markup;
}

export function runStyles(runs: readonly { readonly run: string; readonly variant: string }[]): RunStyles {
  const byVariant = runs.length > COLORS * DASHES;
  const keyOf = byVariant ? ({ variant }: { variant: string }) => variant : ({ run }: { run: string }) => run;
  const keys = [...new Set(runs.map(keyOf))];
  const places = new Map(keys.map((key, place) => [key, place]));
  const classOfKey = (key: string): string => {
    const place = places.get(key) ?? 0;
    return `run c${place % COLORS} d${Math.floor(place / COLORS) % DASHES}`;
  };
  const classes = new Map(runs.map((run) => [run.run, classOfKey(keyOf(run))]));
  return {
    classOf: (run) => classes.get(run) ?? 'run c7 d0',
    legend: html`<ul class="legend" aria-label="${byVariant ? 'Variants' : 'Runs'}">
      ${keys.map(
        (key) =>
          html`<li>
            <svg viewBox="0 0 26 8" class="${classOfKey(key)}" aria-hidden="true">
              <line class="curve" x1="1" x2="25" y1="4" y2="4" /></svg
            >${key}
          </li>`,
      )}
    </ul>`,
  };
}
