import { z } from 'zod';
import { numbersNamed, outputReader, type Measure, type Numbers, type SaeBenchReader } from './reader.js';

/** `sae_top_5_test_auc`; `sae_test_accuracy`: of a probe on all latents; `llm_…`: on the model's activations. */
const MEASURE = /^(?:sae_(?:top_(\d+)_)?|llm_)test_(auc|f1|accuracy)$/;

/** By k; holds what the flat keys have no room for. */
const byK = z.record(z.string().regex(/^\d+$/), numbersNamed(/^test_(auc|f1|accuracy)$/)).nullish();

type ByK = z.infer<typeof byK>;

const detail = z
  .looseObject({ dataset_name: z.string(), sae_metrics_by_k: byK })
  .transform(({ dataset_name: dataset, sae_metrics_by_k: moreOf, ...rest }, context) => {
    const flat = numbersNamed(MEASURE).safeParse(rest);
    if (flat.success) return { dataset, moreOf, numbers: flat.data };
    for (const { path, message } of flat.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  });

const output = z.object({
  eval_config: z.object({ reg_type: z.string().default('l1'), binarize: z.boolean().default(false) }),
  eval_result_metrics: z.object({ llm: numbersNamed(MEASURE), sae: numbersNamed(MEASURE) }),
  eval_result_details: z.array(detail).nullish(),
  sae_metrics_by_k: byK,
});

/**
 * sae-probes' k-sparse probing, run by SAEBench. Probes with another penalty than L1, or on binarised latents, are
 * another metric than Discern's own: their parameter says so.
 */
export const saeProbes: SaeBenchReader = outputReader(
  ['sparse_probing_sae_probes'],
  output,
  ({ eval_config: { reg_type, binarize }, eval_result_metrics: means, eval_result_details, sae_metrics_by_k }) => {
    const variant = `${reg_type === 'l1' ? '' : `,${reg_type}`}${binarize ? ',binarized' : ''}`;
    const details = eval_result_details ?? [];
    return [
      ...measuresOf(null, means.llm, variant),
      ...measuresOf(null, withMore(means.sae, sae_metrics_by_k), variant),
      ...details.flatMap(({ dataset, numbers, moreOf }) => measuresOf(dataset, withMore(numbers, moreOf), variant)),
    ];
  },
);

function withMore(numbers: Numbers, more: ByK): Numbers {
  const nested = Object.entries(more ?? {}).flatMap(([k, values]) =>
    [...values].map(([measure, value]) => [`sae_top_${k}_${measure}`, value] as const),
  );
  return new Map([...numbers, ...nested]);
}

function measuresOf(task: string | null, numbers: Numbers, variant: string): Measure[] {
  return [...numbers].map(([key, value]) => {
    const [, k = 'all', name] = MEASURE.exec(key)!;
    const measure = name === 'accuracy' ? 'acc' : name;
    return key.startsWith('llm_')
      ? { metric: `sae_probes_llm_${measure}`, param: '', task, value }
      : { metric: `sae_probes_${measure}`, param: `k=${k}${variant}`, task, value };
  });
}
