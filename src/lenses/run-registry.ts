import type { AuditScore } from './audit-score.js';
import { sameList } from './same-list.js';

export interface RunFacts {
  readonly variant: string;
  readonly trainSeed: number;
}

/** Runs that are compared with each other. */
export interface Roster {
  /** Names in ascending order. */
  readonly runs: readonly string[];
  /** Their indices in the registry. */
  readonly indices: readonly number[];
  /** Place of the run with an index, −1 where it is not among them. */
  readonly placeOf: Int16Array;
}

/** How many rosters are kept: the metrics of a panel mostly have the same runs at the steps that are asked for. */
const KEPT = 16;

interface Dated<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * What scores say of their run besides its identity. Should two contradict each other, the later evaluated stands,
 * then the larger, so that here too the order does not count.
 */
export class RunRegistry {
  private readonly facts = new Map<string, Dated<RunFacts> & { readonly run: string; readonly index: number }>();
  private rosters: readonly Roster[] = [];
  private readonly tokens = new Map<string, Map<number, Dated<number>>>();

  /** Returns whether what was known of an already known run has changed. */
  note(score: Pick<AuditScore, 'run' | 'variant' | 'trainSeed' | 'step' | 'tokens'>, at: number): boolean {
    const changedFacts = this.noteFacts(score.run, score, at);
    const changedTokens = this.noteTokens(score.run, score.step, score.tokens, at);
    return changedFacts || changedTokens;
  }

  /** The name as it came first: a panel has each name once, and comparing them is comparing references. */
  nameOf(run: string): string {
    return this.facts.get(run)?.run ?? run;
  }

  /** Numbers the runs from 0, as they came first. Says nothing of the scores: only for looking things up. */
  indexOf(run: string): number {
    return this.facts.get(run)!.index;
  }

  /**
   * The same object for the same runs while it is kept, so that two of them need not be compared name by name.
   *
   * @param runs names, as they came first, in ascending order
   */
  roster(runs: readonly string[]): Roster {
    const held = this.rosters.find((roster) => sameList(roster.runs, runs));
    if (held !== undefined) return held;
    const indices = runs.map((run) => this.indexOf(run));
    const roster = { runs, indices, placeOf: inverse(indices) };
    this.rosters = [roster, ...this.rosters].slice(0, KEPT);
    return roster;
  }

  of(run: string): RunFacts {
    return this.facts.get(run)!.value;
  }

  tokensAt(run: string, step: number): number {
    return this.tokens.get(run)!.get(step)!.value;
  }

  /** Everything known, for a snapshot. */
  *entries(): Generator<{ run: string; facts: Dated<RunFacts>; tokens: ReadonlyMap<number, Dated<number>> }> {
    for (const [run, facts] of this.facts) yield { run, facts, tokens: this.tokens.get(run)! };
  }

  noteFacts(run: string, { variant, trainSeed }: RunFacts, at: number): boolean {
    const held = this.facts.get(run);
    // Nearly every score says what is known already.
    if (held?.at === at && held.value.variant === variant && held.value.trainSeed === trainSeed) return false;
    if (held !== undefined && compareFacts({ value: { variant, trainSeed }, at }, held) <= 0) return false;
    const { index = this.facts.size, run: name = run } = held ?? {};
    this.facts.set(run, { run: name, index, value: { variant, trainSeed }, at });
    return held !== undefined && (held.value.variant !== variant || held.value.trainSeed !== trainSeed);
  }

  noteTokens(run: string, step: number, tokens: number, at: number): boolean {
    let steps = this.tokens.get(run);
    if (steps === undefined) this.tokens.set(run, (steps = new Map<number, Dated<number>>()));
    const held = steps.get(step);
    if (held !== undefined && (at - held.at || tokens - held.value) <= 0) return false;
    steps.set(step, { value: tokens, at });
    return held !== undefined && held.value !== tokens;
  }
}

/** By index: where in the list it is, −1 for those that are not there. */
function inverse(indices: readonly number[]): Int16Array {
  const places = new Int16Array(Math.max(-1, ...indices) + 1).fill(-1);
  indices.forEach((index, place) => (places[index] = place));
  return places;
}

function compareFacts(a: Dated<RunFacts>, b: Dated<RunFacts>): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.value.variant !== b.value.variant) return a.value.variant > b.value.variant ? 1 : -1;
  return a.value.trainSeed - b.value.trainSeed;
}
