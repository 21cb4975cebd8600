import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';
import { trimTasks, writeTinyPanel, type TinyPanel } from '../../src/cli/tiny-panel.js';
import { changed, RESULTS } from '../../src/import/saebench/results.js';

let made: Promise<TinyPanel> | undefined;

/** A bundle and the checkpoints of two runs that are evaluated in a moment; made once for all documents. */
export function tinyPanel(): Promise<TinyPanel> {
  made ??= makePanel();
  return made;
}

const CHECKPOINTS_PER_RUN = 2;

async function makePanel(): Promise<TinyPanel> {
  const panel = await writeTinyPanel(CHECKPOINTS_PER_RUN);
  await trimTasks(panel.bundle);
  return panel;
}

/** Writes what the documents call by these names. */
export async function namedFolders(clone: string): Promise<void> {
  const { bundle, runs, checkpoints } = await tinyPanel();
  const last = checkpoints.at(-1)!;
  const copies: readonly (readonly [from: string, to: string])[] = [
    [bundle, 'path/to/bundle'],
    [runs, 'path/to/checkpoints'],
    [last, 'path/to/checkpoint'],
    // What the Python package makes of a dictionary is in SAELens' format.
    [last, 'path/to/converted'],
    [last, 'runs/a/step-1000'],
    [bundle, 'DEMO_FOLDER/bundle'],
    [runs, 'DEMO_FOLDER/checkpoints'],
    [RESULTS, 'eval_results'],
  ];
  for (const [from, to] of copies) await cp(from, join(clone, to), { recursive: true });
  const { d_in: dIn } = JSON.parse(await readFile(join(last, 'cfg.json'), 'utf8')) as { d_in: number };
  await writeSparsify(join(clone, 'path/to/sae'), dIn);
  await writePlain(join(clone, 'path/to/plain'), dIn);
  await writeResults(clone);
}

const LATENTS = 32;

/** Numbers that are all different; which ones does not matter. */
function tensor(...shape: number[]): NewTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { dtype: 'F32', shape, data: Float32Array.from({ length: size }, (_, at) => Math.sin(at + 1)) };
}

async function writeSparsify(dir: string, dIn: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const tensors = {
    'encoder.weight': tensor(LATENTS, dIn),
    'encoder.bias': tensor(LATENTS),
    W_dec: tensor(LATENTS, dIn),
    b_dec: tensor(dIn),
  };
  await writeFile(join(dir, 'sae.safetensors'), writeSafetensors(tensors));
  await writeFile(join(dir, 'cfg.json'), JSON.stringify({ activation: 'topk', d_in: dIn, num_latents: LATENTS, k: 4 }));
}

/** The format that docs/extending.md adds. */
async function writePlain(dir: string, dIn: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const tensors = {
    W_enc: tensor(dIn, LATENTS),
    b_enc: tensor(LATENTS),
    W_dec: tensor(LATENTS, dIn),
    b_dec: tensor(dIn),
  };
  await writeFile(join(dir, 'plain.safetensors'), writeSafetensors(tensors));
  await writeFile(join(dir, 'plain.json'), JSON.stringify({ d_in: dIn, d_sae: LATENTS, k: 4 }));
}

/** Results of SAEBench: of an SAE whose name has another form, and one that is malformed. */
async function writeResults(clone: string): Promise<void> {
  const write = async (
    folder: string,
    type: string,
    path: readonly (string | number)[],
    value: string,
  ): Promise<void> => {
    await mkdir(join(clone, folder), { recursive: true });
    await writeFile(join(clone, folder, 'a_eval_results.json'), await changed(type, path, value));
  };
  await write('results', 'core', ['sae_lens_id'], 'topk_s1@4000');
  await write('broken_results/tpp', 'tpp', ['eval_result_details', 0, 'tpp_threshold_10_total_metric'], 'high');
}
