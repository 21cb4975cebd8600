import { describe, expect, it } from '@jest/globals';
import { importResults } from '../../../../src/import/saebench/import-results.js';
import { describeMetric } from '../../../../src/metrics/index.js';
import { thrown } from '../../tensors/thrown.js';
import { temporaryFolders } from '../../tensors/temporary-folder.js';
import { RESULTS, changed, pathOf } from './results.js';

type Row = readonly [metric: string, param: string, task: string | null, seed: number | null, value: number];

async function rowsOf(path: string): Promise<readonly Row[]> {
  const { scores } = await importResults([path], {});
  return scores.map(({ metric, param, task, seed, value }) => [metric, param, task, seed, value] as const);
}

const BIOS = 'LabHC/bias_in_bios_class_set1';
const AMAZON = 'canrager/amazon_reviews_mcauley_1and5';
const NEWS = 'fancyzhx/ag_news';

const EXPECTED: Readonly<Record<string, readonly Row[]>> = {
  core: [
    // KL divergence was not computed: −1.
    ['ce_loss_score', '', null, null, 0.9],
    ['ce_loss_with_ablation', '', null, null, 12.5],
    ['ce_loss_with_sae', '', null, null, 4.5],
    ['ce_loss_without_sae', '', null, null, 4.25],
    ['saebench_explained_variance', '', null, null, 0.75],
    ['saebench_explained_variance_legacy', '', null, null, 0.625],
    ['saebench_mse', '', null, null, 0.003],
    ['cosine_similarity', '', null, null, 0.875],
    ['l2_norm_in', '', null, null, 16],
    ['l2_norm_out', '', null, null, 15.5],
    ['l2_ratio', '', null, null, 0.97],
    ['relative_reconstruction_bias', '', null, null, 1.01],
    ['l0', '', null, null, 20.5],
    ['l1', '', null, null, 33],
    ['freq_over_1_percent', '', null, null, 0.5],
    ['freq_over_10_percent', '', null, null, 0.125],
    ['normalized_freq_over_1_percent', '', null, null, 0.9],
    ['normalized_freq_over_10_percent', '', null, null, 0.4],
    ['average_max_encoder_cosine_sim', '', null, null, 0.3],
    ['average_max_decoder_cosine_sim', '', null, null, 0.35],
    ['frac_alive', '', null, null, 0.9375],
  ],
  sparse_probing: [
    ['sparse_probing_llm', 'k=all', null, 42, 0.95],
    ['sparse_probing_llm', 'k=1', null, 42, 0.6],
    ['sparse_probing_llm', 'k=5', null, 42, 0.75],
    ['sparse_probing', 'k=1', null, 42, 0.7],
    ['sparse_probing', 'k=5', null, 42, 0.85],
    ['sparse_probing_llm', 'k=all', BIOS, 42, 0.94],
    ['sparse_probing_llm', 'k=1', BIOS, 42, 0.55],
    ['sparse_probing_llm', 'k=5', BIOS, 42, 0.7],
    ['sparse_probing', 'k=1', BIOS, 42, 0.65],
    ['sparse_probing', 'k=5', BIOS, 42, 0.8],
    ['sparse_probing_llm', 'k=all', NEWS, 42, 0.96],
    ['sparse_probing_llm', 'k=1', NEWS, 42, 0.65],
    ['sparse_probing_llm', 'k=5', NEWS, 42, 0.8],
    ['sparse_probing', 'k=1', NEWS, 42, 0.75],
    ['sparse_probing', 'k=5', NEWS, 42, 0.9],
  ],
  sparse_probing_sae_probes: [
    ['sae_probes_llm_acc', '', null, 123, 0.9],
    ['sae_probes_llm_auc', '', null, 123, 0.97],
    ['sae_probes_llm_f1', '', null, 123, 0.89],
    ['sae_probes_acc', 'k=1', null, 123, 0.65],
    ['sae_probes_auc', 'k=1', null, 123, 0.7],
    ['sae_probes_f1', 'k=1', null, 123, 0.6],
    ['sae_probes_acc', 'k=16', null, 123, 0.85],
    ['sae_probes_auc', 'k=16', null, 123, 0.9],
    ['sae_probes_f1', 'k=16', null, 123, 0.8],
    ['sae_probes_llm_acc', '', '100_news_fake', 123, 0.88],
    ['sae_probes_llm_auc', '', '100_news_fake', 123, 0.96],
    ['sae_probes_llm_f1', '', '100_news_fake', 123, 0.87],
    ['sae_probes_acc', 'k=1', '100_news_fake', 123, 0.6],
    ['sae_probes_auc', 'k=1', '100_news_fake', 123, 0.65],
    ['sae_probes_f1', 'k=1', '100_news_fake', 123, 0.55],
    ['sae_probes_acc', 'k=16', '100_news_fake', 123, 0.8],
    ['sae_probes_auc', 'k=16', '100_news_fake', 123, 0.85],
    ['sae_probes_f1', 'k=16', '100_news_fake', 123, 0.75],
    ['sae_probes_acc', 'k=1', '113_movie_sent', 123, 0.7],
    ['sae_probes_auc', 'k=1', '113_movie_sent', 123, 0.75],
    ['sae_probes_f1', 'k=1', '113_movie_sent', 123, 0.65],
    ['sae_probes_acc', 'k=16', '113_movie_sent', 123, 0.9],
    ['sae_probes_auc', 'k=16', '113_movie_sent', 123, 0.95],
    ['sae_probes_f1', 'k=16', '113_movie_sent', 123, 0.85],
  ],
  tpp: [
    ['tpp', 'n=10', null, 456, 0.125],
    ['tpp_intended', 'n=10', null, 456, 0.15],
    ['tpp_unintended', 'n=10', null, 456, 0.025],
    ['tpp', 'n=20', null, 456, 0.2],
    ['tpp_intended', 'n=20', null, 456, 0.25],
    ['tpp_unintended', 'n=20', null, 456, 0.05],
    ['tpp', 'n=10', BIOS, 456, 0.1],
    ['tpp_intended', 'n=10', BIOS, 456, 0.12],
    ['tpp_unintended', 'n=10', BIOS, 456, 0.02],
    ['tpp', 'n=20', BIOS, 456, 0.16],
    ['tpp_intended', 'n=20', BIOS, 456, 0.2],
    ['tpp_unintended', 'n=20', BIOS, 456, 0.04],
    ['tpp', 'n=10', AMAZON, 456, 0.15],
    ['tpp_intended', 'n=10', AMAZON, 456, 0.18],
    ['tpp_unintended', 'n=10', AMAZON, 456, 0.03],
    ['tpp', 'n=20', AMAZON, 456, 0.24],
    ['tpp_intended', 'n=20', AMAZON, 456, 0.3],
    ['tpp_unintended', 'n=20', AMAZON, 456, 0.06],
  ],
  scr: [
    ['scr_dir1', 'n=10', null, 42, 0.3],
    ['scr', 'n=10', null, 42, 0.3],
    ['scr_dir2', 'n=10', null, 42, 0.1],
    ['scr_dir1', 'n=500', null, 42, -0.2],
    ['scr', 'n=500', null, 42, -0.5],
    ['scr_dir2', 'n=500', null, 42, -0.5],
    ['scr_dir1', 'n=10', `${BIOS}_scr_professor_nurse`, 42, 0.3],
    ['scr', 'n=10', `${BIOS}_scr_professor_nurse`, 42, 0.3],
    ['scr_dir2', 'n=10', `${BIOS}_scr_professor_nurse`, 42, 0.1],
    ['scr_dir1', 'n=500', `${BIOS}_scr_professor_nurse`, 42, -0.2],
    ['scr', 'n=500', `${BIOS}_scr_professor_nurse`, 42, -0.5],
    ['scr_dir2', 'n=500', `${BIOS}_scr_professor_nurse`, 42, -0.5],
  ],
  absorption_first_letter: [
    ['absorption_fraction', '', null, 42, 0.25],
    ['full_absorption', '', null, 42, 0.125],
    ['num_split_features', '', null, 42, 1.5],
    ['absorption_fraction', '', 'a', 42, 0.3],
    ['full_absorption', '', 'a', 42, 0.15],
    ['num_split_features', '', 'a', 42, 2],
    ['absorption_fraction', '', 'b', 42, 0.2],
    ['full_absorption', '', 'b', 42, 0.1],
    ['num_split_features', '', 'b', 42, 1],
  ],
  ravel: [
    ['ravel_disentanglement', '', null, 42, 0.5],
    ['ravel_cause', '', null, 42, 0.6],
    ['ravel_isolation', '', null, 42, 0.4],
    ['ravel_disentanglement', '', 'city_Country', 42, 0.5],
    ['ravel_cause', '', 'city_Country', 42, 0.7],
    ['ravel_isolation', '', 'city_Country', 42, 0.3],
    ['ravel_disentanglement', '', 'city_Continent', 42, 0.5],
    ['ravel_cause', '', 'city_Continent', 42, 0.5],
    ['ravel_isolation', '', 'city_Continent', 42, 0.5],
  ],
  autointerp: [['autointerp', '', null, 42, 0.84375]],
  unlearning: [['unlearning', '', null, 42, 0.0975]],
  mdl: [
    ['mdl', '', null, 42, 164],
    ['mdl_description_length', 'bins=8', null, 42, 160],
    ['mdl_mse', 'bins=8', null, 42, 0.5],
    ['mdl_description_length', 'bins=16', null, 42, 168],
    ['mdl_mse', 'bins=16', null, 42, 0.1],
    ['mdl_description_length', 'bins=16,k=16', null, 42, 164],
    ['mdl_mse', 'bins=16,k=16', null, 42, 0.2],
  ],
  meta_structure: [
    ['meta_structure_variance_explained', '', null, 42, 0.25],
    ['meta_structure_mse', '', null, 42, 0.0015],
  ],
};

const temporary = temporaryFolders();

async function fileWith(content: string): Promise<string> {
  return `${await temporary({ 'changed.json': content })}/changed.json`;
}

describe('the readers of SAEBench’s results', () => {
  it.each(Object.entries(EXPECTED))('read %s', async (type, rows) => {
    expect(await rowsOf(pathOf(type))).toEqual(rows);
  });

  it('give no score of which the audit does not know the direction', async () => {
    const { scores } = await importResults([RESULTS], {});
    expect(scores.length).toBe(Object.values(EXPECTED).flat().length);
    for (const { metric } of scores) expect([metric, describeMetric(metric)]).toEqual([metric, expect.anything()]);
  });

  it('take explained variance of a core result before the correction for the legacy one', async () => {
    const path = ['eval_result_metrics', 'reconstruction_quality', 'explained_variance_legacy'];
    const rows = await rowsOf(await fileWith(await changed('core', path, undefined)));
    expect(rows.filter(([metric]) => metric.includes('explained_variance'))).toEqual([
      ['saebench_explained_variance_legacy', '', null, null, 0.75],
    ]);
  });

  it('set probes of another penalty or on binarised latents apart', async () => {
    const type = 'sparse_probing_sae_probes';
    const l2 = await rowsOf(await fileWith(await changed(type, ['eval_config', 'reg_type'], 'l2')));
    const binarized = await rowsOf(await fileWith(await changed(type, ['eval_config', 'binarize'], true)));
    expect(l2).toContainEqual(['sae_probes_auc', 'k=1,l2', null, 123, 0.7]);
    expect(binarized).toContainEqual(['sae_probes_auc', 'k=1,binarized', null, 123, 0.7]);
  });

  it('read what former versions called otherwise', async () => {
    const former = { decoder_fraction_variance_explained: 0.5, train_time_seconds: 1, final_reconstruction_mse: 2 };
    const path = ['eval_result_metrics'];
    const meta = await fileWith(await changed('meta_structure', path, { meta_sae: former }));
    expect(await rowsOf(meta)).toContainEqual(['meta_structure_variance_explained', '', null, 42, 0.5]);
    const capitals = await fileWith(await changed('ravel', ['eval_type_id'], 'RAVEL'));
    expect(await rowsOf(capitals)).toEqual(EXPECTED['ravel']);
  });

  it('have no mdl where no quantisation keeps to the threshold', async () => {
    const [first] = (JSON.parse(await changed('mdl', ['x'], 0)) as { eval_results: object[] }).eval_results;
    const rows = await rowsOf(await fileWith(await changed('mdl', ['eval_results'], [first])));
    expect(rows.map(([metric]) => metric)).toEqual(['mdl_description_length', 'mdl_mse']);
  });

  const SAE = 'sae_bench_tiny_topk_blocks.5.hook_resid_post__trainer_3_step_4000';
  it.each([
    ['core', ['eval_result_metrics', 'sparsity', 'l0'], 'many', '$.eval_result_metrics.sparsity.l0'],
    ['core', ['eval_result_metrics', 'shrinkage'], undefined, '$.eval_result_metrics.shrinkage'],
    ['core', ['eval_result_details', 1, 'encoder_norm'], null, '$.eval_result_details[1].encoder_norm'],
    ['core', ['datetime_epoch_millis'], -1, '$.datetime_epoch_millis'],
    ['core', ['sae_lens_id'], undefined, '$.sae_lens_id'],
    ['core', ['eval_id'], 7, '$.eval_id'],
    ['core', ['eval_type_id'], 'cores', '$.eval_type_id'],
    ['sparse_probing', ['eval_config', 'random_seed'], 1.5, '$.eval_config.random_seed'],
    [
      'sparse_probing',
      ['eval_result_metrics', 'llm', 'llm_test_accuracy'],
      null,
      '$.eval_result_metrics.llm.llm_test_accuracy',
    ],
    [
      'sparse_probing',
      ['eval_result_details', 1, 'sae_top_5_test_accuracy'],
      '0.9',
      '$.eval_result_details[1].sae_top_5_test_accuracy',
    ],
    ['sparse_probing', ['eval_result_details', 0, 'dataset_name'], undefined, '$.eval_result_details[0].dataset_name'],
    ['sparse_probing_sae_probes', ['sae_metrics_by_k', '16', 'test_auc'], [], '$.sae_metrics_by_k["16"].test_auc'],
    [
      'sparse_probing_sae_probes',
      ['eval_result_details', 1, 'sae_top_1_test_f1'],
      true,
      '$.eval_result_details[1].sae_top_1_test_f1',
    ],
    ['sparse_probing_sae_probes', ['eval_result_metrics', 'sae'], [], '$.eval_result_metrics.sae'],
    [
      'tpp',
      ['eval_result_metrics', 'tpp_metrics', 'tpp_threshold_20_total_metric'],
      {},
      '$.eval_result_metrics.tpp_metrics.tpp_threshold_20_total_metric',
    ],
    ['tpp', ['eval_result_details'], {}, '$.eval_result_details'],
    ['scr', ['eval_result_metrics', 'scr_metrics'], undefined, '$.eval_result_metrics.scr_metrics'],
    [
      'absorption_first_letter',
      ['eval_result_details', 1, 'first_letter'],
      'bb',
      '$.eval_result_details[1].first_letter',
    ],
    [
      'absorption_first_letter',
      ['eval_result_metrics', 'mean', 'mean_full_absorption_score'],
      null,
      '$.eval_result_metrics.mean.mean_full_absorption_score',
    ],
    [
      'ravel',
      ['eval_result_unstructured', 'city_results', 'city_Country', 'cause_score'],
      'x',
      '$.eval_result_unstructured.city_results.city_Country.cause_score',
    ],
    ['autointerp', [SAE, 'eval_result_metrics', 'autointerp'], 0.8, `$["${SAE}"].eval_result_metrics.autointerp`],
    [
      'unlearning',
      ['eval_result_metrics', 'unlearning', 'unlearning_score'],
      undefined,
      '$.eval_result_metrics.unlearning.unlearning_score',
    ],
    ['mdl', ['eval_results', 2, 'num_bins'], 0, '$.eval_results[2].num_bins'],
    ['mdl', ['date_time'], 'yesterday', '$.date_time'],
    ['meta_structure', ['eval_result_metrics'], {}, '$.eval_result_metrics.meta_structure'],
    [
      'meta_structure',
      ['eval_result_metrics', 'meta_structure', 'final_reconstruction_mse'],
      [],
      '$.eval_result_metrics.meta_structure.final_reconstruction_mse',
    ],
  ])('refuse %s with a fault at %j (%j)', async (type, path, value, jsonPath) => {
    const file = await fileWith(await changed(type, path, value));
    const error = await thrown(importResults([file], {}));
    expect(error.code).toBe('SCORES_INVALID');
    expect(error.message.startsWith(`${file}: ${jsonPath}: `)).toBe(true);
  });
});
