import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Of } from '../../../src/weights/file.js';
import type { WeightsPolicy } from '../../../src/weights/policy.js';
import type { WeightsClaim } from '../../../src/weights/source.js';
import { redeeming } from './claims.js';

const CONTENT = 'weights';
const SHA = createHash('sha256').update(CONTENT).digest('hex');

/** The path of the local file, when the claim is redeemed. */
const redeem = (claim: WeightsClaim, policy: Partial<WeightsPolicy>): Promise<string> =>
  redeeming(async ({ redeem }) => (await redeem(claim, policy)).path);

let root: string;
let file: string;
let claim: WeightsClaim;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'discern-weights-'));
  file = join(root, 'w.safetensors');
  await writeFile(file, CONTENT);
  claim = { uri: pathToFileURL(file).href, sha256: SHA, bytes: CONTENT.length };
});

describe('a claim check of a file', () => {
  it('gives the path of a file of the claimed size and digest', async () => {
    await expect(redeem(claim, {})).resolves.toBe(file);
    await expect(redeem(claim, { roots: [root] })).resolves.toBe(file);
    await expect(sha256Of(file)).resolves.toBe(SHA);
  });

  it('is refused when the size differs', async () => {
    await expect(redeem({ ...claim, bytes: 8 }, {})).rejects.toMatchObject({ code: 'WEIGHTS_HASH_MISMATCH' });
  });

  it('is refused when the content differs', async () => {
    await writeFile(file, 'Weights');
    await expect(redeem(claim, {})).rejects.toMatchObject({ code: 'WEIGHTS_HASH_MISMATCH' });
  });

  it('is refused outside the allowed roots', async () => {
    const other = await mkdtemp(join(tmpdir(), 'discern-other-'));
    await expect(redeem(claim, { roots: [other] })).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
    await expect(redeem(claim, { roots: [] })).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
    await expect(redeem(claim, { roots: [`${root}-not`] })).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
  });

  it('does not follow a link out of an allowed root', async () => {
    const allowed = join(root, 'allowed');
    await mkdir(allowed);
    await symlink(file, join(allowed, 'link'));
    const linked = { ...claim, uri: pathToFileURL(join(allowed, 'link')).href };
    await expect(redeem(linked, { roots: [allowed] })).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
  });

  it.each(['not a uri', 'ftp://host/file', 'file:///nowhere/at/all', 'file://host/share/file'])(
    'is refused for %s',
    async (uri) => {
      await expect(redeem({ ...claim, uri }, {})).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
    },
  );

  it('leaves the file where it is when the weights are given up', async () => {
    await redeeming(async ({ redeem, spooled }) => {
      await (await redeem(claim, {})).release();
      await expect(spooled()).resolves.toEqual([]);
    });
    await expect(sha256Of(file)).resolves.toBe(SHA);
  });
});
