import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { importResults } from '../../../../src/import/saebench/import-results.js';
import { parseScores } from '../../../../src/lenses/parse-scores.js';
import { thrown } from '../../tensors/thrown.js';
import { temporaryFolders } from '../../tensors/temporary-folder.js';
import { RESULTS, changed, pathOf } from './results.js';

const temporary = temporaryFolders();

const RUN = 'sae_bench_tiny_topk/blocks.5.hook_resid_post__trainer_3';

async function namedAs(release: string | null, id: string | null, file = 'x_eval_results.json'): Promise<string> {
  const content = JSON.parse(await readFile(pathOf('unlearning'), 'utf8')) as object;
  return `${await temporary({ [file]: JSON.stringify({ ...content, sae_lens_release_id: release, sae_lens_id: id }) })}/${file}`;
}

async function identityOf(path: string, options: Parameters<typeof importResults>[1] = {}) {
  const { scores, remarks } = await importResults([path], options);
  const { panel, run, variant, trainSeed, step, tokens } = scores[0];
  return { panel, run, variant, trainSeed, step, tokens, remarks };
}

describe('importing SAEBench’s results', () => {
  it('reads a folder with its subfolders as one panel of one run, which the audit reads', async () => {
    const { scores, remarks } = await importResults([RESULTS], {});
    expect(remarks).toEqual([]);
    for (const score of scores)
      expect(score).toMatchObject({
        ...{ panel: 'tiny-model/blocks.5.hook_resid_post', run: RUN, variant: RUN },
        ...{ trainSeed: 0, step: 4000, tokens: 4000 },
      });
    const audited = parseScores(scores.map((score) => JSON.stringify(score)));
    expect(audited).toHaveLength(scores.filter(({ task }) => task === null).length);
    const nested = await temporary({
      'core/a_eval_results.json': await readFile(pathOf('core')),
      'tpp/seed42/a_eval_results.json': await readFile(pathOf('tpp')),
      'tpp/notes.json': '{"what": "none of ours"}',
      'tpp/log.txt': 'x',
    });
    const found = await importResults([nested], {});
    expect(new Set(found.scores.map(({ metric }) => metric))).toEqual(
      new Set([...(await importResults([pathOf('core'), pathOf('tpp')], {})).scores].map(({ metric }) => metric)),
    );
    expect(found.remarks).toEqual([`${nested}/tpp/notes.json: passed over: it has no eval_type_id`]);
  });

  it('knows when a result was evaluated', async () => {
    expect((await importResults([pathOf('tpp')], {})).scores[0].evaluatedAt).toBe('2025-10-09T08:53:20.000Z');
    expect((await importResults([pathOf('mdl')], {})).scores[0].evaluatedAt).toBe('2025-10-09T08:53:20.500Z');
  });

  it.each([
    ['my_sae-seed3_step-200-tokens-409600', 'custom_sae', 'my_sae-seed3', 'my_sae', 3, 200, 409600],
    ['release', 'layer_20/width_16k/average_l0_71', 'release/layer_20/width_16k/average_l0_71', undefined, 0, 0, 0],
    ['step-7', 'custom_sae', 'step-7', undefined, 0, 7, 7],
    ['a_steps_5', 'b_step_12', 'a_steps_5/b', undefined, 0, 12, 12],
  ])('takes the name %s, %s apart', async (release, id, run, variant, trainSeed, step, tokens) => {
    const found = await identityOf(await namedAs(release, id));
    expect(found).toMatchObject({ run, variant: variant ?? run, trainSeed, step, tokens });
  });

  it('goes by the file’s name where the result names no SAE', async () => {
    const path = await namedAs(null, null, 'topk-k16_step_40_eval_results.json');
    expect(await identityOf(path)).toMatchObject({ run: 'topk-k16', step: 40 });
  });

  it('goes by flags, and by a pattern that is given', async () => {
    const path = await namedAs('k16@500', 'custom_sae');
    const flags = { panel: 'p', run: 'r', variant: 'v', trainSeed: 4, step: 30, tokens: 60 };
    expect(await identityOf(path, flags)).toEqual({ ...flags, remarks: [] });
    const names = /(?<variant>\w+)@(?<step>\d+)/;
    expect(await identityOf(path, { names })).toMatchObject({ run: 'k16@500', variant: 'k16', step: 500, tokens: 500 });
    const other = await thrown(importResults([path], { names: /(?<run>z+)/ }));
    expect(other.code).toBe('USAGE');
  });

  it('takes a step that nothing tells for 0, and says so', async () => {
    const { step, remarks } = await identityOf(await namedAs('final', 'custom_sae'));
    expect(step).toBe(0);
    expect(remarks).toEqual([expect.stringContaining('training step of 1 results: taken for 0')]);
  });

  it('refuses a run of which only some results tell their step, unless --step does', async () => {
    const paths = [await namedAs('a', 'b_step_5'), await namedAs('a', 'b')];
    const error = await thrown(importResults(paths, {}));
    expect(error.code).toBe('SCORES_INVALID');
    expect(error.message).toContain('nothing tells the training step, which other results of run a/b tell');
    const { scores } = await importResults(paths, { step: 9 });
    expect(scores.map(({ step }) => step)).toEqual([5, 9]);
  });

  it('refuses one run for several SAEs', async () => {
    const paths = [await namedAs('a', 'b_step_5'), await namedAs('a', 'c_step_5')];
    expect((await thrown(importResults(paths, { run: 'r' }))).message).toContain('a/b, a/c');
  });

  it('has no score for what is not defined, and says so', async () => {
    const path = ['eval_result_metrics', 'tpp_metrics', 'tpp_threshold_10_total_metric'];
    const text = (await changed('tpp', path, 'HERE')).replace('"HERE"', 'NaN');
    const file = `${await temporary({ 'a.json': text })}/a.json`;
    const { scores, remarks } = await importResults([file], {});
    expect(scores.some(({ metric, param, task }) => metric === 'tpp' && param === 'n=10' && task === null)).toBe(false);
    expect(remarks).toEqual([`${file}: tpp n=10 is NaN: not defined, so no score`]);
  });

  it('gives all or nothing, and names the file', async () => {
    const folder = await temporary({
      'a_eval_results.json': await readFile(pathOf('tpp')),
      'b_eval_results.json': (await readFile(pathOf('scr'), 'utf8')).slice(0, 300),
    });
    const error = await thrown(importResults([folder], {}));
    expect(error.code).toBe('SCORES_INVALID');
    expect(error.message).toMatch(/b_eval_results\.json: \$: not JSON: /);
  });

  it.each([
    ['a file that is given', 'x.json', 'x.json'],
    ['a file that is named as a result', 'x_eval_results.json', ''],
  ])('refuses %s and is none', async (_, name, given) => {
    const folder = await temporary({ [name]: '{"eval_config": {}}' });
    const error = await thrown(importResults([given === '' ? folder : `${folder}/${given}`], {}));
    expect(error.message).toContain(`${name}: $.eval_type_id: expected the type of an evaluation`);
  });

  it('says where there is nothing', async () => {
    const folder = await temporary({ 'x.json': '[]' });
    expect((await thrown(importResults([folder], {}))).message).toContain('no result of SAEBench there');
    expect((await thrown(importResults([`${folder}/y`], {}))).message).toContain('y: no such file or folder');
  });
});
