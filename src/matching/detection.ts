import type { GroundTruth } from '../bundle/bundle.js';
import type { SparseCodes } from '../kernels/matrix.js';

/** How often latents and the features they stand for are active, in rows. All [d_sae]. */
export interface Detections {
  /** Rows in which both are. */
  readonly both: Uint32Array;
  /** Rows in which the latent is. */
  readonly latent: Uint32Array;
  /** Rows in which the latent's feature is. */
  readonly feature: Uint32Array;
}

/**
 * Takes each latent for a detector of its feature and counts its hits, on the same rows. Only active entries are
 * looked at. A latent is active where its activation is not 0, a feature where its own is positive.
 *
 * @param features the feature of each latent [d_sae]
 */
export function countDetections(codes: SparseCodes, truth: GroundTruth, features: Uint32Array): Detections {
  const both = new Uint32Array(codes.latents);
  const latent = new Uint32Array(codes.latents);
  const rowsOf = new Uint32Array(truth.features.rows);
  /** The last row, counted from 1, in which a feature was active. */
  const seen = new Uint32Array(truth.features.rows);
  for (let row = 0; row < codes.rows; row++) {
    for (let e = truth.indptr[row]; e < truth.indptr[row + 1]; e++) {
      const feature = truth.indices[e];
      if (!(truth.values[e] > 0) || seen[feature] === row + 1) continue;
      seen[feature] = row + 1;
      rowsOf[feature]++;
    }
    for (let e = codes.indptr[row]; e < codes.indptr[row + 1]; e++) {
      const active = codes.indices[e];
      latent[active]++;
      if (seen[features[active]] === row + 1) both[active]++;
    }
  }
  return { both, latent, feature: features.map((feature) => rowsOf[feature]) };
}

/** Of one latent; 0 where SAELens 6.54 has 0: precision of one that is never active, recall of a feature that never is. */
export interface DetectionQuality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function qualityOf({ both, latent, feature }: Detections, index: number): DetectionQuality {
  const precision = share(both[index], latent[index]);
  const recall = share(both[index], feature[index]);
  return { precision, recall, f1: share(2 * precision * recall, precision + recall) };
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
