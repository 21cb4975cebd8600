import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimManifest } from '../../../src/attach/manifest.js';
import { publishManifest } from '../../../src/attach/publish.js';
import { DEMO_MODEL } from '../../../src/synthetic/demo.js';
import { decodeCheckpointRecord, decodeDeadLetter } from '../../../streams/codec.js';
import type { DeadLetter } from '../../../streams/records.js';
import { CHECKPOINTS, DEAD_LETTERS } from '../../../streams/topics.js';
import { bundleFiles, description } from '../bundle/bundles.js';
import { discern } from '../cli/discern.js';
import { writeTinyPanel, type TinyPanel } from '../cli/tiny-panel.js';
import { saeLensConfig } from '../sae/checkpoints.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { unpublishable, unusable, type Fault } from './broken-checkpoints.js';
import { Serving } from './serving.js';
import { recordsOf, withLog } from './topics.js';

/** For a machine that does much else besides. */
const MINUTES = 5 * 60_000;

const UNPUBLISHABLE = unpublishable(DEMO_MODEL.dim);
const UNUSABLE = unusable(DEMO_MODEL.dim);

const folder = temporaryFolders();
let panel: TinyPanel;
let root: string;
let runs: string;
let log: string;
let serving: Serving;

beforeAll(async () => {
  panel = await writeTinyPanel(1, 1);
  root = await mkdtemp(join(tmpdir(), 'discern-bad-input-'));
  runs = join(root, 'runs');
  log = join(root, 'log');
  await mkdir(runs);
  serving = new Serving([
    ...['--panel', `tiny=${panel.bundle}`, '--watch', `tiny=${runs}`, '--seeds', '42', '--metrics', 'core'],
    ...['--log-embedded-dir', log],
  ]);
  await serving.until('the watch', () => serving.all('caught up with the folder').length > 0);
}, MINUTES);

afterAll(() => serving.kill());

/** Writes the files of a checkpoint where a training run would. */
async function write(run: string, files: Fault['files'], step = 1): Promise<string> {
  const dir = join(runs, run, `step-${step}`);
  await mkdir(dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return dir;
}

let goodSteps = 0;

/** Saves one more good checkpoint and waits for its scores. */
async function evaluatesTheNext(): Promise<void> {
  const step = ++goodSteps;
  await cp(panel.checkpoints[0], join(runs, 'good', `step-${step}`), { recursive: true });
  const evaluated = (): boolean =>
    serving.all('evaluated').some((line) => line['run'] === 'good' && line['step'] === step);
  await serving.until(`good step ${step}`, evaluated);
  expect(serving.isAlive).toBe(true);
}

function deadLetters(): Promise<readonly DeadLetter[]> {
  return withLog(log, async (open) =>
    (await recordsOf(open, DEAD_LETTERS)).map(({ value }) => decodeDeadLetter(value)),
  );
}

async function countOf(reason: string): Promise<number> {
  const label = `{topic="${CHECKPOINTS}",reason="${reason}"}`;
  const lines = await serving.metrics(/^discern_dead_letters_total\{/);
  const line = lines.find((text) => text.includes(label));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}

/** Waits for the dead letter of a run. */
async function deadLetterOf(run: string): Promise<DeadLetter> {
  let found: DeadLetter | undefined;
  const search = async (): Promise<boolean> => {
    found = (await deadLetters()).find(({ key }) => key === run);
    return found !== undefined;
  };
  await serving.until(`the dead letter of ${run}`, search, 200);
  return found!;
}

describe('a service whose training runs save bad checkpoints', () => {
  it.each(UNPUBLISHABLE)(
    'does not publish one that is $name, says why, and evaluates the next',
    async ({ name, files, reason, says }) => {
      const dir = await write(name, files);
      // Also of what it saw while the files were being written, it may have said something.
      const refused = (): boolean =>
        serving
          .all('not published')
          .some((line) => line['dir'] === dir && line['reason'] === reason && says.test(String(line['error'])));
      await serving.until('the refusal', refused);
      const published = serving.all('published').filter((line) => line['run'] === name);
      expect(published).toEqual([]);
      await evaluatesTheNext();
    },
    MINUTES,
  );

  it.each(UNUSABLE)(
    'sets one that is $name apart with its reason, counts it, and evaluates the next',
    async ({ name, files, reason, says }) => {
      const before = await countOf(reason);
      await write(name, files);
      const letter = await deadLetterOf(name);
      expect(letter).toMatchObject({ topic: CHECKPOINTS, reason, error: expect.stringMatching(says) });
      expect(decodeCheckpointRecord(letter.value)).toMatchObject({ panel: 'tiny', run: name, step: 1 });
      expect(await countOf(reason)).toBe(before + 1);
      await evaluatesTheNext();
    },
    MINUTES,
  );

  it.each(UNPUBLISHABLE)(
    'sets one that is $name apart when another program publishes it all the same',
    async ({ name, files, reason, says }) => {
      const run = `foreign-${name}`;
      const dir = await folder(
        Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text])),
      );
      const source = {
        format: 'sae_lens',
        config: JSON.parse(files['cfg.json'] as string) as Record<string, unknown>,
        auxiliary: {},
        weights: join(dir, name, 'sae_weights.safetensors'),
      };
      const identity = { run, variant: run, trainSeed: 0, step: 1, tokens: 1 };
      const manifest = await claimManifest({ panel: 'tiny', identity, source, publishedAt: '2026-01-01T00:00:00Z' });
      const before = await countOf(reason);
      await withLog(log, (open) => publishManifest(open, manifest, source.weights));
      expect(await deadLetterOf(run)).toMatchObject({ reason, error: expect.stringMatching(says) });
      expect(await countOf(reason)).toBe(before + 1);
      await evaluatesTheNext();
    },
    MINUTES,
  );

  it(
    'sets weights apart that were saved over after they were published',
    async () => {
      const [{ files }] = UNPUBLISHABLE;
      const dir = await folder(files);
      const weights = join(dir, 'sae_weights.safetensors');
      const source = { format: 'sae_lens', config: saeLensConfig(), auxiliary: {}, weights };
      const identity = { run: 'saved-over', variant: 'v', trainSeed: 0, step: 1, tokens: 1 };
      const manifest = await claimManifest({ panel: 'tiny', identity, source, publishedAt: '2026-01-01T00:00:00Z' });
      await writeFile(weights, 'something else');
      await withLog(log, (open) => publishManifest(open, manifest, weights));
      expect(await deadLetterOf('saved-over')).toMatchObject({
        reason: 'weights_hash_mismatch',
        error: expect.stringMatching(/sae_weights\.safetensors.*publish the checkpoint again/),
      });
      await evaluatesTheNext();
    },
    MINUTES,
  );

  it(
    'waits for one that is half written, evaluating others meanwhile, and takes it when it is finished',
    async () => {
      const read = (file: string): Promise<Buffer> => readFile(join(panel.checkpoints[0], file));
      const [weights, config] = [await read('sae_weights.safetensors'), await read('cfg.json')];
      const run = 'half-written';
      const held = () => serving.all('not published').filter((line) => line['dir'] === join(runs, run, 'step-1'));
      const published = () => serving.all('published').some((line) => line['run'] === run);

      await write(run, { 'sae_weights.safetensors': weights.subarray(0, weights.length / 2) });
      await serving.until('the first look', () => held().length > 0);
      expect(held()[0]).toMatchObject({
        reason: 'checkpoint_incomplete',
        error: expect.stringMatching(/expected sae_weights\.safetensors and cfg\.json, found sae_weights\.safetensors/),
      });
      await evaluatesTheNext();
      await write(run, { 'sae_weights.safetensors': weights, 'cfg.json': config.subarray(0, config.length / 2) });
      await serving.until('the second look', () => held().length > 1);
      expect(held()[1]).toMatchObject({
        reason: 'checkpoint_incomplete',
        error: expect.stringMatching(/cfg\.json: cut off/),
      });
      expect(published()).toBe(false);

      await write(run, { 'cfg.json': config });
      const evaluated = (): boolean => serving.all('evaluated').some((line) => line['run'] === run);
      await serving.until('its evaluation', evaluated);
      expect((await deadLetters()).filter(({ key }) => key === run)).toEqual([]);
    },
    MINUTES,
  );

  it('evaluated every good checkpoint, and nothing else', () => {
    const others = serving.all('evaluated').filter((line) => line['run'] !== 'good' && line['run'] !== 'half-written');
    expect(others).toEqual([]);
    expect(serving.all('evaluated').filter((line) => line['run'] === 'good')).toHaveLength(goodSteps);
  });
});

describe('discern publish', () => {
  const publish = (...dirs: string[]) =>
    discern(['publish', ...dirs, '--panel', 'tiny', '--log-embedded-dir', join(root, 'other-log')]);

  it.each(UNPUBLISHABLE)('refuses a checkpoint that is $name', async ({ name, files, says }) => {
    const dir = await folder(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/step-1/${file}`, text])),
    );
    const { code, stderr } = await publish(join(dir, name, 'step-1'));
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/ at .*\.js/);
  });

  it('refuses a half-written one, and publishes the others that it was given', async () => {
    const half = await folder({ 'r/step-1/sae_weights.safetensors': 'x' });
    const { code, stderr } = await publish(join(half, 'r', 'step-1'), panel.checkpoints[0]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/1 of 2 folders could not be published.*expected sae_weights\.safetensors and cfg\.json/);
    expect(stderr).toMatch(/"msg":"published"/);
  });
});

describe('discern serve', () => {
  it.each([
    ['that is an empty folder', {}, /expected bundle\.json, found no file/],
    [
      'without rows and tasks',
      bundleFiles({
        description: description({
          corpus: { file: 'corpus.safetensors', tensor: 'activations', rows: 0 },
          datasets: [],
          tasks: [],
          ground_truth: undefined,
        }),
      }),
      /corpus\.rows is 0 and there are no tasks/,
    ],
  ])('does not start on a bundle %s', async (_, files, says) => {
    const bundle = await folder(files);
    const { code, stdout, stderr } = await discern([
      ...['serve', '--panel', `empty=${bundle}`, '--http-port', '0'],
      ...['--log-embedded-dir', join(root, 'unused-log')],
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
    expect(stderr).toContain(bundle);
    expect(stderr).not.toMatch(/ at .*\.js/);
  });
});
