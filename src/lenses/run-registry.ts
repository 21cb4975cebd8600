import type { AuditScore } from './audit-score.js';

export interface RunFacts {
  readonly variant: string;
  readonly trainSeed: number;
}

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

function compareFacts(a: Dated<RunFacts>, b: Dated<RunFacts>): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.value.variant !== b.value.variant) return a.value.variant > b.value.variant ? 1 : -1;
  return a.value.trainSeed - b.value.trainSeed;
}
