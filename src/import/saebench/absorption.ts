import { z } from 'zod';
import { number, outputReader, plain, type SaeBenchReader } from './reader.js';

const output = z.object({
  eval_result_metrics: z.object({
    mean: z.object({
      mean_absorption_fraction_score: number,
      mean_full_absorption_score: number,
      mean_num_split_features: number,
      std_dev_absorption_fraction_score: number,
      std_dev_full_absorption_score: number,
      std_dev_num_split_features: number,
    }),
  }),
  eval_result_details: z
    .array(
      z.object({
        first_letter: z.string().regex(/^\p{L}$/u, 'expected a single letter'),
        mean_absorption_fraction: number,
        full_absorption_rate: number,
        num_full_absorption: number,
        num_probe_true_positives: number,
        num_split_features: number,
      }),
    )
    .nullish(),
});

/** Absorption of first-letter features; a task is a letter. Deviations over letters are no scores. */
export const absorption: SaeBenchReader = outputReader(
  ['absorption_first_letter'],
  output,
  ({ eval_result_metrics: { mean }, eval_result_details: letters }) => [
    ...plain(null, {
      absorption_fraction: mean.mean_absorption_fraction_score,
      full_absorption: mean.mean_full_absorption_score,
      num_split_features: mean.mean_num_split_features,
    }),
    ...(letters ?? []).flatMap((letter) =>
      plain(letter.first_letter, {
        absorption_fraction: letter.mean_absorption_fraction,
        full_absorption: letter.full_absorption_rate,
        num_split_features: letter.num_split_features,
      }),
    ),
  ],
);
