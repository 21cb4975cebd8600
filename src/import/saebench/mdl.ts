import { z } from 'zod';
import { contextOf, evaluationConfig, number, saeConfig, type Measure, type SaeBenchReader } from './reader.js';

const quantised = z.object({
  num_bins: z.int().positive(),
  k: z.int().positive().nullish(),
  description_length: number,
  within_threshold: z.boolean(),
  mse_loss: number,
});

type Quantised = z.infer<typeof quantised>;

/** MDL has an envelope of its own (SAEBench 0.6.0, `evals/mdl/main.py`). */
const output = z.object({
  eval_type_id: z.string(),
  eval_config: evaluationConfig,
  sae_lens_release: z.string().nullable(),
  sae_lens_id: z.string().nullable(),
  /** Of the machine's own time zone, which it does not name: read as UTC. */
  date_time: z.iso.datetime({ local: true, offset: true }),
  eval_results: z.array(quantised),
  sae_cfg_dict: saeConfig,
});

/** Minimum description length, by the number of bins that activations are quantised to and, where it is limited, by k. */
export const mdl: SaeBenchReader = {
  types: ['mdl'],
  read(value) {
    const { sae_lens_release: release, sae_lens_id: id, ...found } = output.parse(value);
    return {
      ...{ release, id },
      evaluatedAt: utc(found.date_time).toISOString(),
      ...contextOf(found.eval_config, found.sae_cfg_dict),
      measures: [...smallest(found.eval_results), ...found.eval_results.flatMap(measuresOf)],
    };
  },
};

function utc(time: string): Date {
  return new Date(/(?:Z|[+-]\d{2}:\d{2})$/.test(time) ? time : `${time}Z`);
}

function measuresOf({ num_bins, k, description_length, mse_loss }: Quantised): Measure[] {
  const param = k == null ? `bins=${num_bins}` : `bins=${num_bins},k=${k}`;
  return [
    { metric: 'mdl_description_length', param, task: null, value: description_length },
    { metric: 'mdl_mse', param, task: null, value: mse_loss },
  ];
}

/** The smallest description length of those that keep to the threshold; nothing where none does. */
function smallest(results: readonly Quantised[]): Measure[] {
  const lengths = results.flatMap((result) => (result.within_threshold ? [result.description_length] : []));
  return lengths.length === 0 ? [] : [{ metric: 'mdl', param: '', task: null, value: Math.min(...lengths) }];
}
