import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DiscernError } from '../../../src/errors.js';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import { largestAllocation } from '../tensors/allocations.js';
import { mutate, mutations } from '../tensors/mutations.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';
import { D_IN, D_SAE, fixtureFile, read, saeLensConfig, saeLensFiles, standardTensors, tensor } from './checkpoints.js';

const folder = temporaryFolders();
const WEIGHTS = 'sae_weights.safetensors';

async function refused(files: Readonly<Record<string, string | Uint8Array>>): Promise<DiscernError> {
  return thrown(read(await folder(files)));
}

describe('openCheckpoint', () => {
  it('says of an unknown folder what it expected and what it found', async () => {
    const dir = await folder({ 'model.bin': 'x', 'notes.txt': 'y' });
    const error = await thrown(openCheckpoint(dir));
    expect(error.code).toBe('CHECKPOINT_FORMAT_UNKNOWN');
    for (const part of [
      dir,
      'sae_weights.safetensors and cfg.json (sae_lens)',
      'params.npz',
      'found model.bin, notes.txt',
    ])
      expect(error.message).toContain(part);
    expect((await thrown(openCheckpoint(await folder()))).message).toMatch(/found no files/);
    expect((await thrown(openCheckpoint(join(dir, 'none')))).code).toBe('CHECKPOINT_FORMAT_UNKNOWN');
  });

  it.each(['cfg.json', WEIGHTS])('says of a folder that only has %s so far that it is incomplete', async (only) => {
    const error = await thrown(openCheckpoint(await folder({ [only]: saeLensFiles()[only] })));
    expect(error.code).toBe('CHECKPOINT_INCOMPLETE');
    expect(error.message).toMatch(new RegExp(`expected sae_weights\\.safetensors and cfg\\.json, found ${only}`));
  });

  it('says of a cfg.json that is cut off that it is incomplete, and of a broken one that it is invalid', async () => {
    expect((await refused({ ...saeLensFiles(), 'cfg.json': '{"d_in": 3, "d_s' })).code).toBe('CHECKPOINT_INCOMPLETE');
    expect((await refused({ ...saeLensFiles(), 'cfg.json': '' })).code).toBe('CHECKPOINT_INCOMPLETE');
    expect((await refused({ ...saeLensFiles(), 'cfg.json': '{"d_in": NaN}' })).code).toBe('CHECKPOINT_CONFIG_INVALID');
    expect((await refused({ ...saeLensFiles(), 'cfg.json': '[1]' })).code).toBe('CHECKPOINT_CONFIG_INVALID');
  });

  it('says of weights that are cut off anywhere that they are incomplete', async () => {
    const whole = saeLensFiles()[WEIGHTS] as Uint8Array;
    for (const bytes of [0, 7, 8, 100, whole.length - 1]) {
      const error = await refused({ ...saeLensFiles(), [WEIGHTS]: whole.slice(0, bytes) });
      expect([bytes, error.code]).toEqual([bytes, 'CHECKPOINT_INCOMPLETE']);
    }
  });

  it('says of a header that claims 2^60 bytes that it is corrupt', async () => {
    const lying = (saeLensFiles()[WEIGHTS] as Uint8Array).slice();
    new DataView(lying.buffer).setBigUint64(0, 2n ** 60n, true);
    const error = await refused({ ...saeLensFiles(), [WEIGHTS]: lying });
    expect(error).toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
      message: expect.stringMatching(/sae_weights\.safetensors.*claims 1152921504606846976 bytes/),
    });
  });
});

describe('readSae refuses', () => {
  it('a format it does not know', async () => {
    const source = { format: 'other', config: {}, auxiliary: {}, weights: 'w' };
    expect(await thrown(readSae(source))).toMatchObject({
      code: 'CHECKPOINT_FORMAT_UNKNOWN',
      message: expect.stringContaining('known: sparsify, gemma_scope'),
    });
  });

  it.each(['temporal', 'matching_pursuit', 'abstopk', 'transcoder', 'constructor'])(
    'the architecture %s, naming those it knows',
    async (architecture) => {
      const error = await refused(saeLensFiles({ architecture }));
      expect(error.code).toBe('CHECKPOINT_ARCHITECTURE_UNKNOWN');
      expect(error.message).toMatch(/known: standard, topk, jumprelu, batchtopk, matryoshka_batchtopk, gated/);
    },
  );

  it.each(['W_enc', 'W_dec', 'b_enc', 'b_dec'])('weights without %s', async (name) => {
    const tensors = Object.fromEntries(Object.entries(standardTensors()).filter(([other]) => other !== name));
    const error = await refused(saeLensFiles({}, tensors));
    expect(error.code).toBe('CHECKPOINT_TENSOR_MISSING');
    expect(error.message).toContain(`no tensor ${name}; it has `);
  });

  it.each([
    ['jumprelu', 'threshold'],
    ['batchtopk', 'topk_threshold'],
  ])('%s without its %s', async (architecture, name) => {
    expect(await refused(saeLensFiles({ architecture }))).toMatchObject({
      code: 'CHECKPOINT_TENSOR_MISSING',
      message: expect.stringContaining(`no tensor ${name};`),
    });
  });

  it('another d_in or d_sae than cfg.json says, before memory is taken for it', async () => {
    const largest = await largestAllocation(async () => {
      for (const config of [{ d_in: 5 }, { d_sae: 2 ** 40 }, { d_sae: 2 ** 40, architecture: 'gated' }]) {
        const tensors = config.architecture === undefined ? standardTensors() : { W_enc: tensor([D_IN, D_SAE]) };
        expect((await refused(saeLensFiles(config, tensors))).code).toBe('CHECKPOINT_SHAPE_MISMATCH');
      }
    });
    expect(largest).toBeLessThan(10_000);
    expect((await refused(saeLensFiles({ d_in: 5 }))).message).toContain('tensor W_enc: expected [5, 4], found [3, 4]');
  });

  it('a vector of another length, and a matrix of another rank', async () => {
    expect((await refused(saeLensFiles({}, { ...standardTensors(), b_enc: tensor([5]) }))).message).toContain(
      'tensor b_enc: expected [4], found [5]',
    );
    expect((await refused(saeLensFiles({}, { ...standardTensors(), W_dec: tensor([12]) }))).message).toContain(
      'tensor W_dec: expected [4, 3], found [12]',
    );
  });

  it('integers for weights', async () => {
    const b_enc = { dtype: 'I32', shape: [D_SAE], data: new Int32Array(D_SAE) } as const;
    expect(await refused(saeLensFiles({}, { ...standardTensors(), b_enc }))).toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
      message: expect.stringContaining('tensor b_enc: expected F64, F32, F16, BF16, found I32'),
    });
  });

  it.each([NaN, Infinity, -Infinity])('weights with %p, naming tensor and element', async (value) => {
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      const tensors = standardTensors(dtype);
      (tensors['W_dec'].data as Float32Array)[7] = value;
      const error = await refused(saeLensFiles({}, tensors));
      expect(error.code).toBe('CHECKPOINT_NOT_FINITE');
      expect(error.message).toContain(`tensor W_dec: element [2, 1] is ${value}`);
    }
  });

  it('an F64 that is too large for float32', async () => {
    const b_dec = { dtype: 'F64', shape: [D_IN], data: Float64Array.of(0, 1e300, 0) } as const;
    expect((await refused(saeLensFiles({}, { ...standardTensors(), b_dec }))).message).toContain(
      'tensor b_dec: element [1] is Infinity',
    );
  });

  it('weights that another architecture saved', async () => {
    const error = await refused(saeLensFiles({}, { ...standardTensors(), threshold: tensor([D_SAE]) }));
    expect(error).toMatchObject({
      code: 'CHECKPOINT_CONFIG_INVALID',
      message: expect.stringMatching(/architecture standard has the tensors W_enc, .*found threshold besides/),
    });
  });

  it('weights that take more than allowed, before memory is taken', async () => {
    const source = await openCheckpoint(await folder(saeLensFiles({}, standardTensors('F16'))));
    const bytes = 4 * (12 + 12 + 4 + 3);
    expect((await readSae(source, { maxBytes: bytes })).dSae).toBe(D_SAE);
    expect(await thrown(readSae(source, { maxBytes: bytes - 1 }))).toMatchObject({
      code: 'CHECKPOINT_TOO_LARGE',
      message: expect.stringContaining(`take ${bytes} bytes as float32, ${bytes - 1} are allowed`),
    });
  });

  it('a configuration whose keys hold something else, naming them', async () => {
    const error = await refused(saeLensFiles({ d_in: -1, apply_b_dec_to_input: 'yes' }));
    expect(error.code).toBe('CHECKPOINT_CONFIG_INVALID');
    expect(error.message).toMatch(/cfg\.json: d_in: .*; apply_b_dec_to_input: /);
  });
});

describe('whatever is in a checkpoint, there is a Sae or a typed error', () => {
  async function saeOrError(attempt: Promise<unknown>): Promise<void> {
    try {
      await attempt;
    } catch (error) {
      expect(error).toBeInstanceOf(DiscernError);
    }
  }

  it.each([
    ['sae_lens-batchtopk-training', WEIGHTS, 500],
    ['sparsify', 'sae.safetensors', 400],
  ])('when the bytes of %s are damaged', async (format, file, header) => {
    const original = await fixtureFile(format, file);
    const dir = await folder({ [file]: original, 'cfg.json': await fixtureFile(format, 'cfg.json') });
    const largest = await largestAllocation(() =>
      fc.assert(
        fc.asyncProperty(
          mutations(original.length, [
            [0, 8],
            [8, header],
          ]),
          async (changes) => {
            await writeFile(join(dir, file), mutate(original, changes));
            await saeOrError(read(dir));
          },
        ),
        { numRuns: 150 },
      ),
    );
    expect(largest).toBeLessThanOrEqual(2 * original.length);
  });

  it('when the bytes of an npz are damaged', async () => {
    const original = await fixtureFile('gemma_scope', 'params.npz');
    const dir = await folder();
    const largest = await largestAllocation(() =>
      fc.assert(
        fc.asyncProperty(
          mutations(original.length, [
            [0, 200],
            [original.length - 400, original.length],
          ]),
          async (changes) => {
            await writeFile(join(dir, 'params.npz'), mutate(original, changes));
            await saeOrError(read(dir));
          },
        ),
        { numRuns: 150 },
      ),
    );
    expect(largest).toBeLessThanOrEqual(65_536);
  });

  it('when cfg.json holds anything', async () => {
    const source = await openCheckpoint(await folder(saeLensFiles()));
    const keys = Object.keys(
      saeLensConfig({ k: 2, rescale_acts_by_decoder_norm: true, activation_fn_kwargs: {}, hook_name: 'a' }),
    );
    const config = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(fc.jsonValue(), fc.constantFrom('topk', 'jumprelu', 3, 4)),
    );
    await fc.assert(
      fc.asyncProperty(config, (changes) =>
        saeOrError(readSae({ ...source, config: { ...source.config, ...(changes as Record<string, unknown>) } })),
      ),
      { numRuns: 200 },
    );
  });
});
