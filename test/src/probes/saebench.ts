import { readFileSync } from 'node:fs';

interface Ablated {
  readonly effects: readonly number[];
  readonly positive: number;
  readonly non_zero: number;
  /** [ns] latents, ascending */
  readonly chosen: readonly (readonly number[])[];
  /** [ns][rows] */
  readonly logits: readonly (readonly number[])[];
}

interface SaeBenchFixture {
  readonly l2: readonly {
    readonly C: number;
    readonly x: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly weights: readonly number[];
    readonly intercept: number;
  }[];
  readonly training: readonly {
    readonly train: readonly (readonly number[])[];
    readonly train_labels: readonly number[];
    readonly test: readonly (readonly number[])[];
    readonly test_labels: readonly number[];
    readonly start: readonly number[];
    readonly orders: readonly (readonly number[])[];
    readonly weights: readonly number[];
    readonly bias: number;
    readonly accuracy: number;
  }[];
  readonly ablation: readonly {
    readonly x: readonly (readonly number[])[];
    readonly z: readonly (readonly number[])[];
    readonly decoder: readonly (readonly number[])[];
    readonly weights: readonly number[];
    readonly bias: number;
    /** Rows of each of the two classes. */
    readonly rows: number;
    readonly ns: readonly number[];
    readonly tpp: Ablated;
    readonly scr: Ablated;
  }[];
}

/** What SAEBench, torch and scikit-learn themselves say; `saebench.py` beside it asked them. */
export const saebench = JSON.parse(
  readFileSync(new URL('../../fixtures/probes/saebench.json', import.meta.url), 'utf8'),
) as SaeBenchFixture;
