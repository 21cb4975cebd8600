import { nameOf } from '../lenses/advice.js';
import type { MetricKey } from '../lenses/audit-score.js';
import type { Auditor } from '../lenses/auditor.js';
import type { MetricStatistics, Verdict } from '../lenses/metric-statistics.js';
import { currentComparison } from '../lenses/settled-steps.js';
import { contradictionsSection } from './contradictions.js';
import { formatNumber, formatPercent, formatStep } from './format.js';
import { html, type Markup } from './markup.js';
import { agreementMatrix } from './plots/agreement-matrix.js';
import { curvesPlot } from './plots/curves.js';
import { noiseGapPlot } from './plots/noise-gap.js';
import { validityPlot, type ValidityView } from './plots/validity-plot.js';
import { runStyles } from './run-styles.js';

/** A metric of the panel with all that is known of it. */
export interface Audited {
  readonly key: MetricKey;
  readonly name: string;
  readonly statistics: MetricStatistics;
  readonly overall: Verdict;
}

const FROM_BEST: readonly Verdict[] = ['good', 'weak', 'bad', 'unknown'];

/** Everything the page says of one panel. */
export function panelReport(auditor: Auditor, panel: string): Markup {
  const metrics = auditedMetrics(auditor, panel);
  return html`<section class="panel">
    <h1>Metric audit: ${panel}</h1>
    ${introduction(metrics)} ${inShort(metrics)} ${verdictTable(metrics)} ${noiseAgainstGap(metrics)}
    ${validitySection(metrics)} ${agreementSection(metrics)} ${contradictionsSection(auditor, metrics)}
    ${curvesSection(metrics)}
  </section>`;
}

function auditedMetrics(auditor: Auditor, panel: string): readonly Audited[] {
  const found = auditor.keys().flatMap((key): Audited[] => {
    const statistics = key.panel === panel ? auditor.statistics(key) : undefined;
    if (statistics === undefined) return [];
    const overall = statistics.verdict?.overall ?? 'unknown';
    return [{ key, name: nameOf(key.metric, key.param), statistics, overall }];
  });
  return found.sort((a, b) => FROM_BEST.indexOf(a.overall) - FROM_BEST.indexOf(b.overall) || byName(a, b));
}

function byName(a: Audited, b: Audited): number {
  return a.key.metric.localeCompare(b.key.metric) || numberIn(a.key.param) - numberIn(b.key.param);
}

/** `n=20` comes before `n=100`. */
function numberIn(param: string): number {
  return Number(/\d+(\.\d+)?/.exec(param)?.[0] ?? 0);
}

function introduction(metrics: readonly Audited[]): Markup {
  const checkpoints = metrics.flatMap(({ statistics }) => statistics.checkpoints);
  const runs = new Set(checkpoints.map(({ run }) => run)).size;
  const steps = [...new Set(checkpoints.map(({ step }) => step))];
  const seeds = Math.max(0, ...checkpoints.map(({ n }) => n));
  const from = formatStep(Math.min(...steps));
  const to = formatStep(Math.max(...steps));
  const repeated =
    seeds > 1 ? `up to ${seeds} evaluation seeds` : 'one evaluation seed, so nothing can be said of noise';
  return html`<p class="lead">
    Which benchmark metrics can tell a better sparse autoencoder from a worse one? ${metrics.length} metrics were
    audited on ${runs} training ${runs === 1 ? 'run' : 'runs'}, at ${steps.length} training steps from ${from} to ${to},
    with ${repeated}.
  </p>`;
}

function inShort(metrics: readonly Audited[]): Markup {
  const groups = FROM_BEST.map((verdict) => ({ verdict, names: namesOf(metrics, verdict) }));
  return html`<ul class="short">
    ${groups.map(({ verdict, names }) => (names === '' ? undefined : html`<li>${chip(verdict)}<span>${names}</span></li>`))}
  </ul>`;
}

function namesOf(metrics: readonly Audited[], verdict: Verdict): string {
  return metrics
    .filter(({ overall }) => overall === verdict)
    .map(({ name }) => name)
    .join(', ');
}

function chip(verdict: Verdict): Markup {
  return html`<span class="chip ${verdict}">${verdict}</span>`;
}

function verdictTable(metrics: readonly Audited[]): Markup {
  return html`<h2>Verdicts</h2>
    <p>What each lens says, with the numbers behind it, and what to do.</p>
    <div class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Noise</th>
            <th scope="col">Discriminability</th>
            <th scope="col">Validity</th>
            <th scope="col" title="smallest difference two SAEs must show, one seed each">Must differ by</th>
            <th scope="col" title="share of run pairs told apart at the step that stands for now">Told apart</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          ${metrics.map(verdictRow)}
        </tbody>
      </table>
    </div>`;
}

function verdictRow({ name, statistics }: Audited): Markup {
  const { verdict, noise, advice = '' } = statistics;
  const told = currentComparison(statistics)?.resolved_pairs_ratio;
  const lens = (said: { verdict: Verdict; because: string } | undefined): Markup =>
    html`<td title="${said?.because}">${chip(said?.verdict ?? 'unknown')}</td>`;
  return html`<tr>
    <th scope="row">${name}</th>
    ${lens(verdict?.noise)} ${lens(verdict?.discriminability)} ${lens(verdict?.validity)}
    <td class="number">${formatNumber(noise.detectable_difference?.['1'], 2)}</td>
    <td class="number">${formatPercent(told)}</td>
    <td class="why">${advice.replace(`${name}: `, '')}</td>
  </tr>`;
}

function noiseAgainstGap(metrics: readonly Audited[]): Markup {
  const points = metrics.flatMap(({ name, overall, statistics: { noise } }) => {
    const detectable = noise.detectable_difference?.['1'];
    const gap = noise.gap?.median;
    const drawn = detectable !== undefined && gap !== undefined && detectable > 0 && gap > 0;
    return drawn ? [{ name, verdict: overall, detectable, gap }] : [];
  });
  return html`<h2>Noise against gap</h2>
    <p>
      Half of the pairs of runs lie at least the typical gap apart. A metric sees such a gap with one evaluation seed
      only if it is larger than what two SAEs must differ by: above the dashed line.
    </p>
    ${points.length > 0 ? html`<div class="card">${noiseGapPlot(points)}</div>` : html`<p class="lead">No metric has both: that takes two runs and two evaluation seeds.</p>`}`;
}

function validitySection(metrics: readonly Audited[]): Markup | undefined {
  const sections = ['gt_f1', 'gt_mcc'].flatMap((reference) => {
    const rows = metrics.flatMap(({ name, statistics: { validity } }) => {
      const found = validity?.[reference];
      if (found === undefined) return [];
      const views = (['all', 'current'] as const).flatMap((kind): ValidityView[] => {
        const rho = found[kind]?.spearman;
        return rho === undefined ? [] : [{ kind, rho, interval: found[kind]?.spearman_ci }];
      });
      return views.length > 0 ? [{ name, views }] : [];
    });
    return rows.length > 0
      ? [
          html`<h3>against ${reference}</h3>
            <div class="card">${validityPlot(rows)}</div>
            <br />`,
        ]
      : [];
  });
  if (sections.length === 0) return undefined;
  return html`<h2>Validity: agreement with the ground truth</h2>
    <p>
      Spearman's ρ with 95 % intervals. Hollow: over all checkpoints, where both grow with training time. Filled: across
      the runs as they now stand, which is what a benchmark is for. The two can disagree, and only the second one says
      that a metric ranks finished SAEs.
    </p>
    ${sections}`;
}

function agreementSection(metrics: readonly Audited[]): Markup | undefined {
  // Families beside each other: their parameters should agree most.
  const compared = metrics.filter(({ statistics: { agreement } }) => agreement !== undefined).sort(byName);
  if (compared.length < 2) return undefined;
  const matrix = agreementMatrix(
    compared.map(({ name }) => name),
    (row, column) => {
      const { metric, param } = compared[column].key;
      const found = compared[row].statistics.agreement?.[`${metric}|${param}`];
      if (found === undefined) return undefined;
      return { tau: found.tau, contradictions: found.contradictions, resolvedByBoth: found.resolved_by_both };
    },
  );
  return html`<h2>Do the metrics rank the runs alike?</h2>
    <p>
      Kendall's τ-b of the rankings of the runs by each pair of metrics, as they now stand: blue the same way, orange
      the opposite way. A red dot marks pairs of metrics that contradict each other.
    </p>
    <div class="card">${matrix}</div>`;
}

function curvesSection(metrics: readonly Audited[]): Markup {
  const runs = new Map(metrics.flatMap(({ statistics }) => statistics.checkpoints).map((point) => [point.run, point]));
  const styles = runStyles([...runs.values()].sort((a, b) => (a.run < b.run ? -1 : 1)));
  return html`<h2>Scores over training</h2>
    <p>
      The mean over evaluation seeds; the band is its 95 % interval. A step-by-step reading is in the JSON of the audit.
    </p>
    ${styles.legend}
    <div class="curves">
      ${metrics.map(
        ({ name, overall, statistics }) =>
          html`<figure class="card">
            <figcaption>
              <h3>${name}</h3>
              ${chip(overall)}
            </figcaption>
            ${curvesPlot(statistics.checkpoints, styles, `${name} over training`)}
          </figure>`,
      )}
    </div>`;
}
