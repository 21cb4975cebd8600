import { z } from 'zod';
import {
  datasetNumbers,
  numbersNamed,
  outputReader,
  type Measure,
  type Numbers,
  type SaeBenchReader,
} from './reader.js';

const MEASURE = /^scr_(metric|dir1|dir2)_threshold_(\d+)$/;

const METRICS: Readonly<Record<string, string>> = { metric: 'scr', dir1: 'scr_dir1', dir2: 'scr_dir2' };

const output = z.object({
  eval_result_metrics: z.object({ scr_metrics: numbersNamed(MEASURE) }),
  eval_result_details: z.array(datasetNumbers(MEASURE)).nullish(),
});

/** Spurious correlation removal. */
export const scr: SaeBenchReader = outputReader(
  ['scr'],
  output,
  ({ eval_result_metrics: { scr_metrics: means }, eval_result_details: details }) => [
    ...measuresOf(null, means),
    ...(details ?? []).flatMap(({ dataset, numbers }) => measuresOf(dataset, numbers)),
  ],
);

function measuresOf(task: string | null, numbers: Numbers): Measure[] {
  return [...numbers].map(([key, value]) => {
    const [, measure, n] = MEASURE.exec(key)!;
    return { metric: METRICS[measure], param: `n=${n}`, task, value };
  });
}
