import type { Estimate } from '../reproduce/by-variant.js';
import type { Reference } from '../reproduce/ground-truth.js';
import type { Reproduction } from '../reproduce/reproduction.js';
import { nameOf } from '../reproduce/settings.js';
import { SEED_COUNTS, type Design, type MetricPairs, type VariantPair } from '../reproduce/variant-pairs.js';
import { renderTable } from './table.js';

/** The claims of every panel as tables for a terminal. */
export function reproductionText(panels: readonly Reproduction[]): string {
  return panels.map(panelText).join('\n');
}

function panelText(found: Reproduction): string {
  const { panel, runs, variants, checkpoints, evaluation_seeds: seeds } = found;
  return [
    `${panel}: ${runs.length} runs of ${variants.length} variants, ${checkpoints} checkpoints, up to ${seeds} evaluation seeds\n`,
    'What the paper says, and what this panel says\n' + claims(found),
    'Why\n' + reasons(found),
    'Reseed noise of each metric, least first: sd over evaluation seeds ÷ mean, median of the runs\n' + noise(found),
    'Agreement with the ground truth across the runs: Spearman’s ρ, better turned up\n' + truth(found),
    'Trend with training: median over runs of ρ of score and step, better turned up\n' + trend(found),
    'Pairs of variants resolved, by evaluation seeds each\n' + pairCounts(found),
    'Pair by pair: the fewest of 1, 3, 5 evaluation seeds that resolve it, unpaired / paired\n' + pairByPair(found),
    'What this panel cannot show\n' + found.limits.map((limit) => `- ${limit}\n`).join(''),
  ].join('\n');
}

function claims({ claims }: Reproduction): string {
  return renderTable(
    ['claim', 'the paper', 'setting', 'this panel', '95 % interval', 'outcome'],
    claims.flatMap(({ claim, paper, findings }) =>
      findings.map((finding, i) => [
        i === 0 ? claim : '',
        i === 0 ? paper : '',
        finding.subject,
        number(finding.value),
        interval(finding),
        finding.outcome,
      ]),
    ),
  );
}

function reasons({ claims }: Reproduction): string {
  return claims
    .flatMap(({ findings }) => findings)
    .map(({ subject, quantity, outcome, because }) => `- ${subject}, ${quantity}: ${outcome}; ${because}.\n`)
    .join('');
}

function noise({ reseed_noise: ranked }: Reproduction): string {
  if (ranked.every(({ cv }) => cv.value === undefined)) return 'No checkpoint has scores of two evaluation seeds.\n';
  return renderTable(
    ['metric', 'cv', '95 % interval', 'lowest run', 'highest run', 'runs'],
    ranked.map(({ cv, lowest, highest, runs, ...key }) => [
      nameOf(key),
      number(cv.value),
      interval(cv),
      number(lowest),
      number(highest),
      String(runs),
    ]),
  );
}

function truth({ ground_truth: rows }: Reproduction): string {
  if (rows.length === 0) return 'The panel has no ground truth.\n';
  const references = Object.keys(rows[0].spearman) as Reference[];
  return renderTable(
    ['metric', ...references.flatMap((reference) => [reference, '95 % interval']), 'runs'],
    rows.map(({ spearman, runs, ...key }) => [
      nameOf(key),
      ...references.flatMap((reference) => [number(spearman[reference]?.value), interval(spearman[reference])]),
      String(runs),
    ]),
  );
}

function trend({ training_trend: rows }: Reproduction): string {
  return renderTable(
    ['metric', 'trend', 'ρ', '95 % interval', 'better in', 'worse in'],
    rows.map(({ spearman, better, worse, ...key }) => [
      nameOf(key),
      signOf(spearman.value),
      number(spearman.value),
      interval(spearman),
      `${better} runs`,
      `${worse} runs`,
    ]),
  );
}

function signOf(value: number | undefined): string {
  if (value === undefined || value === 0) return '–';
  return value > 0 ? 'better' : 'worse';
}

const NO_REPEATS = 'No two variants have scores of two evaluation seeds.\n';

function pairCounts({ variant_pairs: metrics }: Reproduction): string {
  if (!metrics.some(isJudged)) return NO_REPEATS;
  const designs = (['unpaired', 'paired'] as const).flatMap((design) =>
    SEED_COUNTS.map((seeds) => [design, seeds] as const),
  );
  return renderTable(
    ['metric', ...designs.map(([design, seeds]) => `${seeds} ${design}`), 'beyond training seeds', 'pairs'],
    metrics.map(({ pairs, ...key }) => [
      nameOf(key),
      ...designs.map(([design, seeds]) => count(pairs.map(({ resolved }) => resolved[design][seeds]))),
      count(pairs.map((pair) => pair.beyond_training_seeds)),
      String(pairs.length),
    ]),
  );
}

function isJudged({ pairs }: MetricPairs): boolean {
  return pairs.some(({ resolved }) => resolved.unpaired[1] !== undefined);
}

/** Pairs for which it holds; – where none can be judged. */
function count(judged: readonly (boolean | undefined)[]): string {
  const known = judged.filter((holds) => holds !== undefined);
  return known.length === 0 ? '–' : String(known.filter(Boolean).length);
}

function pairByPair({ variant_pairs: metrics, canonical }: Reproduction): string {
  const shown = canonical
    .flatMap((key) => metrics.find(({ metric, param }) => metric === key.metric && param === key.param) ?? [])
    .filter(isJudged);
  if (shown.length === 0) return NO_REPEATS;
  const names = [...new Set(shown.flatMap(({ pairs }) => pairs.map(({ variants }) => variants.join(' – '))))];
  return renderTable(
    ['pair', ...shown.map(nameOf)],
    names.map((name) => [
      name,
      ...shown.map(({ pairs }) => fewestSeeds(pairs.find(({ variants }) => variants.join(' – ') === name))),
    ]),
  );
}

function fewestSeeds(pair: VariantPair | undefined): string {
  if (pair === undefined) return '–';
  const fewest = (design: Design): string =>
    String(SEED_COUNTS.find((seeds) => pair.resolved[design][seeds] === true) ?? 'over 5');
  return `${fewest('unpaired')} / ${fewest('paired')}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}

function interval({ interval }: Estimate = {}): string {
  return interval === undefined ? '–' : `${interval[0].toFixed(3)} … ${interval[1].toFixed(3)}`;
}
