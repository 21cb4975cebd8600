import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { of, type Subscription } from 'rxjs';
import { watchCheckpoints, type WatchEvent, type WatchOptions } from '../../../src/attach/watch.js';
import { writeSafetensors } from '../../../src/tensors/write-safetensors.js';
import { saeLensFiles, standardTensors, tensor } from '../sae/checkpoints.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';

const folder = temporaryFolders();
const subscriptions: Subscription[] = [];

afterEach(() => {
  for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
});

type Files = Readonly<Record<string, string | Uint8Array>>;

const CHECKPOINT = saeLensFiles();
const WEIGHTS = 'sae_weights.safetensors';

/** Files under a folder's name. */
function under(dir: string, files: Files = CHECKPOINT): Files {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${dir}/${name}`, content]));
}

async function write(root: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

class Watched {
  readonly events: string[] = [];
  readonly details: WatchEvent[] = [];
  error: unknown;

  constructor(
    private readonly root: string,
    options: WatchOptions = {},
  ) {
    subscriptions.push(
      watchCheckpoints(root, { quietMs: 100, recheckMs: 150, ...options }).subscribe({
        next: (event) => {
          this.details.push(event);
          this.events.push(this.describe(event));
        },
        error: (error: unknown) => (this.error = error),
      }),
    );
  }

  private describe(event: WatchEvent): string {
    if (event.type === 'caught-up') return event.type;
    const dir = event.dir.slice(this.root.length + 1);
    return event.type === 'held'
      ? `${event.error.code} ${dir}`
      : `${dir} is ${event.identity.run}@${event.identity.step}`;
  }

  /** Waits for an event. */
  async has(event: string): Promise<void> {
    while (!this.events.includes(event)) await this.until(this.events.length + 1);
  }

  /** Waits for so many events; jest's own time limit ends what never comes. */
  async until(count: number): Promise<readonly string[]> {
    while (this.events.length < count) {
      if (this.error !== undefined) throw this.error as Error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.events;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a watched folder', () => {
  it('tells of what is there by step, then of having caught up', async () => {
    const root = await folder({
      ...under('b-seed1/step-20-tokens-200'),
      ...under('a/step-20-tokens-200'),
      ...under('a/step-100-tokens-1000'),
      ...under('b-seed1/step-3'),
    });
    const watched = new Watched(root);
    expect(await watched.until(5)).toEqual([
      'b-seed1/step-3 is b-seed1@3',
      'a/step-20-tokens-200 is a@20',
      'b-seed1/step-20-tokens-200 is b-seed1@20',
      'a/step-100-tokens-1000 is a@100',
      'caught-up',
    ]);
    expect(watched.details[0]).toMatchObject({
      identity: { run: 'b-seed1', variant: 'b', trainSeed: 1, step: 3, tokens: 3 },
      source: { format: 'sae_lens', weights: join(root, 'b-seed1/step-3', WEIGHTS) },
    });
  });

  it("may be one run's", async () => {
    const root = await folder(under('run/step-1'));
    const watched = new Watched(join(root, 'run'));
    expect(await watched.until(2)).toEqual(['step-1 is run@1', 'caught-up']);
  });

  it('tells of checkpoints that come later', async () => {
    const root = await folder();
    const watched = new Watched(root);
    await watched.until(1);
    for (const [name, content] of Object.entries(under('a/step-1'))) {
      await write(root, { [name]: content });
      await pause(20);
    }
    await write(root, under('a/step-2'));
    // A slow machine may look in between, and then says that it saw something incomplete.
    await watched.has('a/step-1 is a@1');
    await watched.has('a/step-2 is a@2');
  });

  it('finds what the file system gives no notice of, and tells of it once', async () => {
    const root = await folder(under('a/step-1'));
    const watched = new Watched(root, { notices: () => of({ type: 'ready' }) });
    await watched.until(2);
    await write(root, under('a/step-2'));
    await watched.has('a/step-2 is a@2');
    await write(root, { [`a/step-1/${WEIGHTS}`]: CHECKPOINT[WEIGHTS] });
    const again = () => watched.events.filter((event) => event === 'a/step-1 is a@1').length === 2;
    while (!again()) await pause(10);
    // Several rounds later there is nothing new to say.
    await pause(600);
    expect(watched.events).toHaveLength(4);
  });

  it('holds what is half written, says so once, and tells of it when it is complete', async () => {
    const whole = CHECKPOINT[WEIGHTS] as Uint8Array;
    const root = await folder(under('a/step-1', { ...CHECKPOINT, [WEIGHTS]: whole.slice(0, 100) }));
    const watched = new Watched(root);
    expect(await watched.until(2)).toEqual(['CHECKPOINT_INCOMPLETE a/step-1', 'caught-up']);
    // Several looks later there is nothing new to say.
    await pause(600);
    expect(watched.events).toHaveLength(2);
    await write(root, { [`a/step-1/${WEIGHTS}`]: whole });
    expect((await watched.until(3))[2]).toBe('a/step-1 is a@1');
  });

  it('takes a checkpoint that was completed without a change in its folder', async () => {
    const raw = { ...CHECKPOINT, 'trainer_state.pt': 'pickle', 'activation_scaler.json': '{"scaling_factor": null}' };
    const root = await folder(under('run/4096', raw));
    const watched = new Watched(root);
    expect(await watched.until(2)).toEqual(['CHECKPOINT_INCOMPLETE run/4096', 'caught-up']);
    // Where several SAEs are trained at once, the completion mark lies above them.
    await write(root, { 'run/runner_cfg.json': '{}' });
    await watched.has('run/4096 is run@4096');
  });

  it('does not see a folder that is prepared under a hidden name until it is renamed into place', async () => {
    const root = await folder(under('a/.step-1.partial'));
    const watched = new Watched(root);
    expect(await watched.until(1)).toEqual(['caught-up']);
    await rename(join(root, 'a/.step-1.partial'), join(root, 'a/step-1'));
    expect((await watched.until(2))[1]).toBe('a/step-1 is a@1');
  });

  it('is silent about folders of something else', async () => {
    const root = await folder({ 'logs/events.log': 'x', 'README.md': 'x', ...under('a/step-1') });
    const watched = new Watched(root);
    expect(await watched.until(2)).toEqual(['a/step-1 is a@1', 'caught-up']);
  });

  it('tells of a checkpoint that is saved over again', async () => {
    const root = await folder(under('a/step-1'));
    const watched = new Watched(root);
    await watched.until(2);
    await write(root, {
      [`a/step-1/${WEIGHTS}`]: writeSafetensors({ ...standardTensors(), b_dec: tensor([3], 40) }),
    });
    expect((await watched.until(3))[2]).toBe('a/step-1 is a@1');
  });

  it('forgets an incomplete checkpoint that is removed', async () => {
    const root = await folder(under('a/step-1', { 'cfg.json': '{}' }));
    const watched = new Watched(root);
    await watched.until(2);
    await rm(join(root, 'a/step-1'), { recursive: true });
    await pause(400);
    expect(watched.events).toHaveLength(2);
    expect(watched.error).toBeUndefined();
  });

  it('holds a checkpoint whose folder does not tell the step, naming what to do', async () => {
    const sparsify = { 'sae.safetensors': writeSafetensors({ b_dec: tensor([3]) }), 'cfg.json': '{"d_in": 3}' };
    const root = await folder({ ...under('a/best'), ...under('my-run/layers.12', sparsify) });
    const watched = new Watched(root);
    expect([...(await watched.until(3))].sort()).toEqual([
      'CHECKPOINT_STEP_UNKNOWN a/best',
      'CHECKPOINT_STEP_UNKNOWN my-run/layers.12',
      'caught-up',
    ]);
    const hints = watched.details.flatMap((event) => (event.type === 'held' ? [event.error.hint] : []));
    expect(hints).toContainEqual(expect.stringMatching(/^Name it step-<n>.*discern publish DIR .*--step N/));
    expect(hints).toContainEqual(expect.stringMatching(/^sparsify saves each checkpoint over.*publish DIR .*--step N/));
  });

  it('is let go of when nobody listens any more', async () => {
    const root = await folder();
    const watched = new Watched(root);
    await watched.until(1);
    subscriptions.splice(0).forEach((subscription) => subscription.unsubscribe());
    await write(root, under('a/step-1'));
    await pause(400);
    expect(watched.events).toEqual(['caught-up']);
  });
});
