import { ClusteredRanks } from './clustered-ranks.js';
import { countRanked, FEW_OBSERVATIONS, tauB } from './kendall.js';
import { kendallTauBOfSigns, PairSigns } from './pair-signs.js';
import { deviations, pearsonOfDeviations, type Deviations } from './pearson.js';
import { rank } from './rank.js';
import { spearmanOfRanks } from './spearman.js';

/**
 * One side of a correlation: finite values, and what the coefficients need of them, made once however many other sides
 * they are held against.
 */
export class Side {
  private heldRanks: Float64Array | undefined;
  private heldClusters: ClusteredRanks | undefined;
  private heldSigns: PairSigns | undefined;
  private heldDeviations: { readonly of: Deviations | undefined } | undefined;

  constructor(readonly values: Float64Array) {}

  /** Midranks. */
  get ranks(): Float64Array {
    return (this.heldRanks ??= rank(this.values));
  }

  /** The midranks, each a cluster of its own. */
  get clusters(): ClusteredRanks {
    return (this.heldClusters ??= new ClusteredRanks(this.ranks, Array<number>(this.values.length).fill(1)));
  }

  get signs(): PairSigns {
    return (this.heldSigns ??= PairSigns.of(this.values));
  }

  /** As `deviations` gives them. */
  get deviations(): Deviations | undefined {
    this.heldDeviations ??= { of: deviations(this.values) };
    return this.heldDeviations.of;
  }
}

/** Of two sides of the same observations; undefined with fewer than two of them or where a side is constant. */
export interface Coefficients {
  readonly spearman: number | undefined;
  readonly kendall: number | undefined;
  readonly pearson: number | undefined;
}

/** @param x values of the same observations as y, in the same order */
export function correlate(x: Side, y: Side): Coefficients {
  if (x.values.length < 2) return { spearman: undefined, kendall: undefined, pearson: undefined };
  return {
    spearman: spearmanOfRanks(x.ranks, y.ranks),
    kendall: kendall(x, y),
    pearson: pearsonOfDeviations(x.deviations, y.deviations),
  };
}

function kendall(x: Side, y: Side): number | undefined {
  return x.values.length <= FEW_OBSERVATIONS
    ? kendallTauBOfSigns(x.signs, y.signs)
    : tauB(countRanked(x.ranks, y.ranks));
}
