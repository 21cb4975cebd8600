import type { CellTable } from './cell-table.js';
import type { PanelAudit } from './panel-audit.js';

/** The state of an auditor as plain data. */
export interface AuditorSnapshot {
  readonly v: 1;
  readonly panels: readonly PanelSnapshot[];
}

export interface PanelSnapshot {
  readonly name: string;
  /** Digest and the earliest evaluation on it. */
  readonly bundles: readonly (readonly [string, number])[];
  readonly runs: readonly RunSnapshot[];
  readonly tables: readonly TableSnapshot[];
}

interface RunSnapshot {
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly at: number;
  /** Step, tokens, when they were evaluated. */
  readonly tokens: readonly (readonly [number, number, number])[];
}

/** Columns, one entry a cell; `runs` and `bundles` are indices into the panel's (−1: none). */
interface TableSnapshot {
  readonly metric: string;
  readonly param: string;
  readonly runs: readonly number[];
  readonly steps: readonly number[];
  readonly seeds: readonly (number | null)[];
  readonly values: readonly number[];
  readonly evaluatedAt: readonly number[];
  readonly bundles: readonly number[];
}

export function writePanel(name: string, panel: PanelAudit): PanelSnapshot {
  const bundles = [...panel.bundles];
  const runs = [...panel.registry.entries()].map(({ run, facts, tokens }) => ({
    run,
    variant: facts.value.variant,
    trainSeed: facts.value.trainSeed,
    at: facts.at,
    tokens: [...tokens].map(([step, { value, at }]) => [step, value, at] as const),
  }));
  const runIndex = new Map(runs.map(({ run }, index) => [run, index]));
  const bundleIndex = new Map(bundles.map(([digest], index) => [digest, index]));
  const tables = [...panel.tables()].map(({ metric, param, cells }) => ({
    metric,
    param,
    ...columns(cells, runIndex, bundleIndex),
  }));
  return { name, bundles, runs, tables };
}

function columns(
  table: CellTable,
  runIndex: ReadonlyMap<string, number>,
  bundleIndex: ReadonlyMap<string, number>,
): Omit<TableSnapshot, 'metric' | 'param'> {
  const columns = {
    runs: [] as number[],
    steps: [] as number[],
    seeds: [] as (number | null)[],
    values: [] as number[],
    evaluatedAt: [] as number[],
    bundles: [] as number[],
  };
  for (const checkpoint of table.checkpoints()) {
    for (const cell of checkpoint.all()) {
      columns.runs.push(runIndex.get(checkpoint.run)!);
      columns.steps.push(checkpoint.step);
      columns.seeds.push(cell.seed);
      columns.values.push(cell.value);
      columns.evaluatedAt.push(cell.evaluatedAt);
      columns.bundles.push(cell.bundle === undefined ? -1 : bundleIndex.get(cell.bundle)!);
    }
  }
  return columns;
}

/** Merges what a snapshot holds of a panel into it. */
export function readPanel(snapshot: PanelSnapshot, panel: PanelAudit): void {
  let contradicted = false;
  for (const { run, variant, trainSeed, at, tokens } of snapshot.runs) {
    contradicted = panel.registry.noteFacts(run, { variant, trainSeed }, at) || contradicted;
    for (const [step, value, notedAt] of tokens) {
      contradicted = panel.registry.noteTokens(run, step, value, notedAt) || contradicted;
    }
  }
  if (contradicted) panel.restart();
  for (const [digest, evaluatedAt] of snapshot.bundles) panel.noteBundle(digest, evaluatedAt);
  for (const table of snapshot.tables) {
    for (let i = 0; i < table.values.length; i++) {
      panel.put(table.metric, table.param, panel.registry.nameOf(snapshot.runs[table.runs[i]].run), table.steps[i], {
        seed: table.seeds[i],
        value: table.values[i],
        evaluatedAt: table.evaluatedAt[i],
        bundle: table.bundles[i] === -1 ? undefined : snapshot.bundles[table.bundles[i]][0],
      });
    }
  }
}
