import { rankOrder, type RankOrder } from './rank-order.js';
import { resampledSums, type SampleSums } from './resampled-sums.js';

/**
 * Midranks of one side of a sample in clusters, and what its resamples need of them: made once, however many other sides
 * it is held against.
 */
export class ClusteredRanks {
  private heldSums: SampleSums | undefined;
  private heldOrder: RankOrder | undefined;

  /**
   * @param ranks those of a cluster one after the other
   * @param sizes number of ranks of each cluster
   */
  constructor(
    readonly ranks: Float64Array,
    readonly sizes: readonly number[],
  ) {}

  get sums(): SampleSums {
    return (this.heldSums ??= resampledSums(this.ranks, this.sizes));
  }

  get order(): RankOrder {
    return (this.heldOrder ??= rankOrder(this.ranks, this.sizes));
  }
}
