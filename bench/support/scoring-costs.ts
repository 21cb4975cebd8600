import type { BinaryTask, Bundle, ClassesTask } from '../../src/bundle/bundle.js';
import { randomMatrix } from '../../src/kernels/benchmark-inputs.js';
import type { SparseCodes } from '../../src/kernels/matrix.js';
import { classRows } from '../../src/metrics/task-rows.js';
import { ABLATED } from '../../src/metrics/tpp.js';
import { ablatedEntries, ablatedLogits } from '../../src/probes/ablation.js';
import { joinGroups } from '../../src/probes/class-probes.js';
import { firstColumns, selectLatents } from '../../src/probes/design.js';
import { fitL2Logistic } from '../../src/probes/l2-logistic.js';
import { largestEffects, positiveEffects } from '../../src/probes/latent-effects.js';
import { LogisticLoss } from '../../src/probes/logistic-loss.js';
import { meanDifference } from '../../src/probes/mean-difference.js';
import { joinLabels, joinRows, oneAgainstRest, type LabelledRows } from '../../src/probes/one-against-rest.js';
import { sagaPath } from '../../src/probes/path.js';
import { probeTask } from '../../src/probes/probe-task.js';
import { largest, rankLatents } from '../../src/probes/ranking.js';
import { drawGroups, type GroupRows } from '../../src/probes/row-groups.js';
import { randomFor } from '../../src/random/stream.js';

/** Of a checkpoint under some seeds, on one core. */
export interface ScoringCosts {
  readonly milliseconds: Readonly<Record<Part, number>>;
  readonly l1Fits: number;
  readonly l2Fits: number;
  /** Numbers in the designs of all fits, as dense columns. */
  readonly designNumbers: number;
}

export type Part = 'sae_probes in all' | 'its L1 fits' | 'L2 fits' | 'class sums' | 'ablation sums';

const L1_KS = [1, 2, 5, 10, 16];
const L2_KS = [1, 2, 5, 10];

/** @param codes by data set */
export function scoringCosts(
  bundle: Bundle,
  codes: ReadonlyMap<string, SparseCodes>,
  seeds: readonly number[],
): ScoringCosts {
  const meter = new Meter();
  for (const task of bundle.tasks) {
    const ofTask = codes.get(task.dataset);
    if (ofTask === undefined) throw new RangeError(`data set ${task.dataset} was not encoded`);
    if (task.kind === 'binary') scoreBinary(meter, bundle, task, ofTask, seeds);
    if (task.kind === 'classes') for (const seed of seeds) scoreClasses(meter, bundle, task, ofTask, seed);
  }
  return meter;
}

class Meter implements ScoringCosts {
  readonly milliseconds = {
    'sae_probes in all': 0,
    'its L1 fits': 0,
    'L2 fits': 0,
    'class sums': 0,
    'ablation sums': 0,
  };
  l1Fits = 0;
  l2Fits = 0;
  designNumbers = 0;

  time<T>(part: Part, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.milliseconds[part] += performance.now() - start;
    return result;
  }
}

function scoreBinary(
  meter: Meter,
  bundle: Bundle,
  task: BinaryTask,
  codes: SparseCodes,
  seeds: readonly number[],
): void {
  const labels = bundle.datasets.get(task.dataset)?.labels.get(task.label);
  if (labels === undefined) throw new RangeError(`data set ${task.dataset} has no label ${task.label}`);
  const probe = {
    codes,
    labels,
    ks: L1_KS,
    seeds,
    fitPath: (...given: Parameters<typeof sagaPath>) => {
      const fits = meter.time('its L1 fits', () => sagaPath(...given));
      meter.l1Fits += new Set(fits).size;
      return fits;
    },
  };
  const results = meter.time('sae_probes in all', () => probeTask(probe));
  if (typeof results === 'string') return;
  for (const { k, trainRows } of results) {
    if (k !== L1_KS[0]) continue;
    // Once a seed: its ks share the ranking.
    const labelled = Uint32Array.from(labels.keys()).filter((row) => labels[row] >= 0);
    const rows = trainRows.map((at) => labelled[at]);
    const ofRows = Int8Array.from(rows, (row) => labels[row]);
    meter.time('class sums', () => rankLatents(codes, rows, ofRows, L1_KS.at(-1)!));
    meter.designNumbers += rows.length * L1_KS.at(-1)!;
  }
}

/** What sparse probing and TPP do of it; the logits and products are made up. */
function scoreClasses(meter: Meter, bundle: Bundle, task: ClassesTask, codes: SparseCodes, seed: number): void {
  const drawn = drawGroups(classRows(task, bundle), seed);
  if (drawn === undefined) return;
  const random = randomFor(seed, 'benchmark: negatives');
  const train = drawn.map((rows) => rows.train);
  for (let one = 0; one < drawn.length; one++) {
    const probed = oneAgainstRest(train, one, random);
    const difference = meter.time('class sums', () => meanDifference(codes, probed));
    fitSparseProbes(meter, codes, probed, difference.map(Math.abs));
    const perturbed = oneAgainstRest(train, one, random);
    ablate(
      meter,
      codes,
      drawn,
      meter.time('class sums', () => meanDifference(codes, perturbed)),
    );
  }
}

function fitSparseProbes(meter: Meter, codes: SparseCodes, rows: LabelledRows, difference: Float32Array): void {
  const latents = largest(difference, L2_KS.at(-1)!);
  const design = selectLatents(codes, joinRows(rows), joinLabels(rows), latents);
  meter.designNumbers += design.rows * design.columns;
  for (const k of L2_KS) {
    const columns = firstColumns(design, k);
    meter.time('L2 fits', () => fitL2Logistic(new LogisticLoss(columns), { C: 1 }));
    meter.l2Fits++;
  }
}

function ablate(meter: Meter, codes: SparseCodes, drawn: readonly GroupRows[], difference: Float32Array): void {
  const test = joinGroups(drawn.map((rows) => rows.test));
  const { data } = randomMatrix(drawn.length, codes.latents);
  const products = drawn.map((_, probe) => data.subarray(probe * codes.latents, (probe + 1) * codes.latents));
  const logits = new Float32Array(test.length);
  const latents = largestEffects(positiveEffects(difference, products[0]), ABLATED.at(-1)!);
  meter.time('ablation sums', () => {
    const entries = ablatedEntries({ codes, rows: test }, latents, ABLATED);
    for (const ofProbe of products) ablatedLogits(entries, ofProbe, logits);
  });
}
