import { z } from 'zod';

/** One number of a result file, under the metric it is a score of. */
export interface Measure {
  readonly metric: string;
  /** `k=5`, `n=20`; empty when there is none. */
  readonly param: string;
  /** Data set, letter or attribute; null: the mean over them. */
  readonly task: string | null;
  /** NaN or infinite where SAEBench had nothing to divide by; null or undefined where it measured nothing. */
  readonly value: number | null | undefined;
}

/** What a result file says of one SAE. */
export interface SaeBenchResult {
  readonly release: string | null;
  readonly id: string | null;
  /** `random_seed` of the evaluation; null for one that has none. */
  readonly seed: number | null;
  /** ISO 8601 */
  readonly evaluatedAt: string;
  readonly model: string | undefined;
  readonly hook: string | undefined;
  readonly measures: readonly Measure[];
}

/** Reads the results of one type of evaluation. */
export interface SaeBenchReader {
  /** `eval_type_id` in lower case, and what former versions of SAEBench called it. */
  readonly types: readonly string[];
  /** @throws ZodError with the path of each fault */
  readonly read: (output: unknown) => SaeBenchResult;
}

/** Where the configuration of an SAE names its model and hook point: SAELens 6 below `metadata`, others at the top. */
const place = z.looseObject({ model_name: z.string().nullish(), hook_name: z.string().nullish() });
/** Absent before November 2024. */
export const saeConfig = place.extend({ metadata: place.nullish() }).nullish();

export const evaluationConfig = z.looseObject({
  random_seed: z.int().nullish(),
  model_name: z.string().nullish(),
});

/** What every result has beside its own metrics (SAEBench 0.6.0, `evals/base_eval_output.py`). */
const envelope = z.object({
  eval_type_id: z.string(),
  eval_config: evaluationConfig,
  eval_id: z.string(),
  datetime_epoch_millis: z.int().min(0).max(9_999_999_999_999),
  sae_bench_commit_hash: z.string(),
  sae_lens_id: z.string().nullable(),
  sae_lens_release_id: z.string().nullable(),
  sae_lens_version: z.string().nullable(),
  sae_cfg_dict: saeConfig,
});

/**
 * The reader of a type whose output follows `base_eval_output.py`.
 *
 * @param own what the type adds to the envelope
 * @param measuresOf its measures
 */
export function outputReader<T>(
  types: readonly string[],
  own: z.ZodType<T>,
  measuresOf: (output: T) => readonly Measure[],
): SaeBenchReader {
  return {
    types,
    read(output) {
      const [common, parts] = [envelope.safeParse(output), own.safeParse(output)];
      if (!common.success || !parts.success)
        throw new z.ZodError([...(common.error?.issues ?? []), ...(parts.error?.issues ?? [])]);
      const { sae_lens_release_id: release, sae_lens_id: id, datetime_epoch_millis: milliseconds } = common.data;
      return {
        ...{ release, id, evaluatedAt: new Date(milliseconds).toISOString() },
        ...contextOf(common.data.eval_config, common.data.sae_cfg_dict),
        measures: measuresOf(parts.data),
      };
    },
  };
}

/** Seed, model and hook point. The SAE's own configuration goes before the evaluation's, which can name a tuned model. */
export function contextOf(
  evaluation: z.infer<typeof evaluationConfig>,
  sae: z.infer<typeof saeConfig>,
): Pick<SaeBenchResult, 'seed' | 'model' | 'hook'> {
  return {
    seed: evaluation.random_seed ?? null,
    model: sae?.metadata?.model_name ?? sae?.model_name ?? evaluation.model_name ?? undefined,
    hook: sae?.metadata?.hook_name ?? sae?.hook_name ?? undefined,
  };
}

/** A number as Python writes it, NaN and infinities included. */
export const number = z.custom<number>((value) => typeof value === 'number', {
  error: ({ input }) => `expected a number, found ${shown(input)}`,
});

/** Numbers of a flat object by their key. */
export type Numbers = ReadonlyMap<string, number | null>;

/**
 * A flat object, of which the keys that match a pattern are numbers, or null where nothing was measured. Others are not
 * looked at: SAEBench adds to them from version to version.
 *
 * @param required keys that must be there and not null
 */
export function numbersNamed(pattern: RegExp, ...required: readonly string[]): z.ZodType<Numbers> {
  return z.record(z.string(), z.unknown()).transform((record, context) => {
    for (const key of required)
      if (record[key] == null)
        context.addIssue({ code: 'custom', path: [key], message: `expected a number, found ${shown(record[key])}` });
    return numbersIn(record, pattern, context);
  });
}

/** An object of `eval_result_details`: a data set and its numbers. */
export function datasetNumbers(pattern: RegExp): z.ZodType<{ readonly dataset: string; readonly numbers: Numbers }> {
  return z.looseObject({ dataset_name: z.string() }).transform((detail, context) => ({
    dataset: datasetName(detail.dataset_name),
    numbers: numbersIn(detail, pattern, context),
  }));
}

function numbersIn(record: Readonly<Record<string, unknown>>, pattern: RegExp, context: z.RefinementCtx): Numbers {
  const numbers = new Map<string, number | null>();
  for (const [key, value] of Object.entries(record)) {
    if (!pattern.test(key)) continue;
    if (value === null || typeof value === 'number') numbers.set(key, value);
    else context.addIssue({ code: 'custom', path: [key], message: `expected a number or null, found ${shown(value)}` });
  }
  return numbers;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The name of a data set without what SAEBench appends to it. */
export function datasetName(name: string): string {
  return name.replace(/(?:_tpp)?_results$/, '');
}

/** Measures without a parameter, by metric. */
export function plain(task: string | null, values: Readonly<Record<string, Measure['value']>>): Measure[] {
  return Object.entries(values).map(([metric, value]) => ({ metric, param: '', task, value }));
}
