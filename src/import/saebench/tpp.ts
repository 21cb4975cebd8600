import { z } from 'zod';
import {
  datasetNumbers,
  numbersNamed,
  outputReader,
  type Measure,
  type Numbers,
  type SaeBenchReader,
} from './reader.js';

const MEASURE = /^tpp_threshold_(\d+)_(total_metric|intended_diff_only|unintended_diff_only)$/;

const METRICS: Readonly<Record<string, string>> = {
  total_metric: 'tpp',
  intended_diff_only: 'tpp_intended',
  unintended_diff_only: 'tpp_unintended',
};

const output = z.object({
  eval_result_metrics: z.object({ tpp_metrics: numbersNamed(MEASURE) }),
  eval_result_details: z.array(datasetNumbers(MEASURE)).nullish(),
});

/** Targeted probe perturbation. */
export const tpp: SaeBenchReader = outputReader(
  ['tpp'],
  output,
  ({ eval_result_metrics: { tpp_metrics: means }, eval_result_details: details }) => [
    ...measuresOf(null, means),
    ...(details ?? []).flatMap(({ dataset, numbers }) => measuresOf(dataset, numbers)),
  ],
);

function measuresOf(task: string | null, numbers: Numbers): Measure[] {
  return [...numbers].map(([key, value]) => {
    const [, n, measure] = MEASURE.exec(key)!;
    return { metric: METRICS[measure], param: `n=${n}`, task, value };
  });
}
