import { tauB } from './kendall.js';

/** Pairs a word holds. */
const BITS = 32;

/** Bits of a list, a word for every 32 of them. */
export class BitList {
  readonly words: Int32Array;

  constructor(readonly length: number) {
    this.words = new Int32Array(Math.ceil(length / BITS));
  }

  set(at: number): void {
    this.words[at >>> 5] |= 1 << (at & 31);
  }

  has(at: number): boolean {
    return ((this.words[at >>> 5] >>> (at & 31)) & 1) === 1;
  }
}

/**
 * The sign of x[i] − x[j] of every pair i > j, those of i after those of i − 1: a ranking as what Kendall's τ sees of it,
 * for callers that compare one ranking with many. A bit a pair and sign, so that 32 pairs are compared at a time.
 */
export class PairSigns {
  private heldDiffering: number | undefined;

  private constructor(
    private readonly positive: BitList,
    private readonly negative: BitList,
  ) {}

  static of(values: ArrayLike<number>): PairSigns {
    const pairs = pairsAmong(values.length);
    const [positive, negative] = [new BitList(pairs), new BitList(pairs)];
    let at = 0;
    for (let i = 1; i < values.length; i++) {
      const value = values[i];
      for (let j = 0; j < i; j++, at++) {
        // Without a branch: which way values differ is beyond what a processor foresees.
        positive.words[at >>> 5] |= Number(value > values[j]) << (at & 31);
        negative.words[at >>> 5] |= Number(value < values[j]) << (at & 31);
      }
    }
    return new PairSigns(positive, negative);
  }

  /** Number of pairs. */
  get pairs(): number {
    return this.positive.length;
  }

  /** Number of pairs that are not tied. */
  get differing(): number {
    return (this.heldDiffering ??= countOfBoth(this.positive.words, this.negative.words));
  }

  /** 1, −1 or 0 */
  at(pair: number): number {
    return Number(this.positive.has(pair)) - Number(this.negative.has(pair));
  }

  /** The signs of the pairs of a list, 0 for the others. */
  only(pairs: BitList): PairSigns {
    return new PairSigns(common(this.positive, pairs), common(this.negative, pairs));
  }

  /** The signs of the pairs among these observations, which ascend. */
  among(observations: readonly number[]): PairSigns {
    const pairs = pairsAmong(observations.length);
    const [positive, negative] = [new BitList(pairs), new BitList(pairs)];
    let at = 0;
    for (let i = 1; i < observations.length; i++) {
      const first = pairsAmong(observations[i]);
      for (let j = 0; j < i; j++, at++) {
        const pair = first + observations[j];
        if (this.positive.has(pair)) positive.set(at);
        else if (this.negative.has(pair)) negative.set(at);
      }
    }
    return new PairSigns(positive, negative);
  }

  /** How many pairs have the same sign on both sides, and how many opposite ones. Those tied on a side count for neither. */
  against(other: PairSigns): { readonly concordant: number; readonly discordant: number } {
    const [up, down] = [this.positive.words, this.negative.words];
    const [otherUp, otherDown] = [other.positive.words, other.negative.words];
    let [concordant, discordant] = [0, 0];
    for (let i = 0; i < up.length; i++) {
      concordant += bitsOf((up[i] & otherUp[i]) | (down[i] & otherDown[i]));
      discordant += bitsOf((up[i] & otherDown[i]) | (down[i] & otherUp[i]));
    }
    return { concordant, discordant };
  }
}

/** Kendall's τ-b from the signs of the pairs of both sides. Undefined where a side is constant. */
export function kendallTauBOfSigns(x: PairSigns, y: PairSigns): number | undefined {
  const { pairs } = x;
  const { concordant, discordant } = x.against(y);
  return tauB({ pairs, score: concordant - discordant, tiedX: pairs - x.differing, tiedY: pairs - y.differing });
}

function pairsAmong(observations: number): number {
  return (observations * observations - observations) / 2;
}

function common(a: BitList, b: BitList): BitList {
  const both = new BitList(a.length);
  for (let i = 0; i < both.words.length; i++) both.words[i] = a.words[i] & b.words[i];
  return both;
}

function countOfBoth(a: Int32Array, b: Int32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += bitsOf(a[i] | b[i]);
  return count;
}

/** Bits that are set: sums of neighbours, in parallel (Warren, Hacker's Delight, §5–1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
