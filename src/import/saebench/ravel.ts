import { z } from 'zod';
import { number, outputReader, plain, type SaeBenchReader } from './reader.js';

/** By attribute, e.g. `city_Country`. */
const attributes = z.record(
  z.string(),
  z.object({ disentangle_score: number, cause_score: number, isolation_score: number }),
);

const output = z.object({
  eval_result_metrics: z.object({
    ravel: z.object({ disentanglement_score: number, cause_score: number, isolation_score: number }),
  }),
  /** By entity, e.g. `city_results`. */
  eval_result_unstructured: z.record(z.string(), attributes).nullish(),
});

/** RAVEL; a task is an attribute of an entity. */
export const ravel: SaeBenchReader = outputReader(
  ['ravel'],
  output,
  ({ eval_result_metrics: { ravel: mean }, eval_result_unstructured: entities }) => [
    ...plain(null, {
      ravel_disentanglement: mean.disentanglement_score,
      ravel_cause: mean.cause_score,
      ravel_isolation: mean.isolation_score,
    }),
    ...Object.values(entities ?? {})
      .flatMap((entity) => Object.entries(entity))
      .flatMap(([attribute, scores]) =>
        plain(attribute, {
          ravel_disentanglement: scores.disentangle_score,
          ravel_cause: scores.cause_score,
          ravel_isolation: scores.isolation_score,
        }),
      ),
  ],
);
