import { z } from 'zod';
import {
  datasetNumbers,
  numbersNamed,
  outputReader,
  type Measure,
  type Numbers,
  type SaeBenchReader,
} from './reader.js';

/** `sae_top_5_test_accuracy`; `sae_test_accuracy`: of a probe on all latents; `llm_…`: on the model's activations. */
const ACCURACY = /^(sae|llm)_(?:top_(\d+)_)?test_accuracy$/;

const output = z.object({
  eval_result_metrics: z.object({
    llm: numbersNamed(ACCURACY, 'llm_test_accuracy'),
    sae: numbersNamed(ACCURACY),
  }),
  eval_result_details: z.array(datasetNumbers(ACCURACY)).nullish(),
});

/** SAEBench's own k-sparse probing. */
export const sparseProbing: SaeBenchReader = outputReader(
  ['sparse_probing'],
  output,
  ({ eval_result_metrics: { llm, sae }, eval_result_details: details }) => [
    ...measuresOf(null, llm),
    ...measuresOf(null, sae),
    ...(details ?? []).flatMap(({ dataset, numbers }) => measuresOf(dataset, numbers)),
  ],
);

function measuresOf(task: string | null, numbers: Numbers): Measure[] {
  return [...numbers].map(([key, value]) => {
    const [, on, k = 'all'] = ACCURACY.exec(key)!;
    return { metric: on === 'sae' ? 'sparse_probing' : 'sparse_probing_llm', param: `k=${k}`, task, value };
  });
}
