import type { Task } from '../bundle/bundle.js';
import type { SparseCodes } from '../kernels/matrix.js';
import type { MetricContext, RowBlock, RowSums, Score, ScoresOverRows, SkippedTask } from './metric.js';

/** The same on every machine, so that sums are too: in float64 they depend on what is added to what. */
const BLOCK_ROWS = 1024;

/** The blocks that rows are summed in. */
export function rowBlocks({ rows }: Pick<SparseCodes, 'rows'>): readonly RowBlock[] {
  return Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, block) => {
    const start = block * BLOCK_ROWS;
    return { start, count: Math.min(BLOCK_ROWS, rows - start) };
  });
}

/** @param blocks sums of the same names over blocks of rows, one at least, in the order of the rows */
export function addedUp(blocks: readonly RowSums[]): RowSums {
  return blocks.reduce((total, block) =>
    Object.fromEntries(Object.entries(total).map(([name, sum]) => [name, added(sum, block[name])])),
  );
}

function added(a: number | Float64Array, b: number | Float64Array): number | Float64Array {
  if (typeof a === 'number') return a + (b as number);
  return a.map((sum, i) => sum + (b as Float64Array)[i]);
}

/** What `MetricFamily.score` returns of a family whose scores follow from sums over rows, by one thread. */
export async function scoreOverRows(
  overRows: ScoresOverRows,
  task: Task | null,
  codes: SparseCodes,
  context: MetricContext,
): Promise<readonly (Score | SkippedTask)[]> {
  const blocks: RowSums[] = [];
  for (const block of rowBlocks(codes)) blocks.push(await overRows.sums(task, block, context));
  return overRows.scores(task, addedUp(blocks));
}
