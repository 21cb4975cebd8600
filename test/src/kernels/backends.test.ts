import { afterEach, describe, expect, it } from '@jest/globals';
import { BACKEND_NAMES, chooseBackend, probeBackends } from '../../../src/kernels/backends.js';
import type { BackendName } from '../../../src/kernels/backend.js';

const before = process.env['DISCERN_BACKEND'];

function forceByEnvironment(name: string | undefined): void {
  if (name === undefined) delete process.env['DISCERN_BACKEND'];
  else process.env['DISCERN_BACKEND'] = name;
}

async function nameOfChosen(preference?: BackendName | 'auto'): Promise<BackendName> {
  const backend = await chooseBackend(preference);
  await backend.close();
  return backend.name;
}

describe('probeBackends', () => {
  it('looks at every backend and gives a reason and a fix for those that are missing', async () => {
    const probes = await probeBackends();
    expect(probes.map((probe) => probe.name)).toEqual(['webgpu', 'onnxruntime', 'webasm', 'cpu']);
    for (const probe of probes)
      if (probe.available) expect(probe.description).toMatch(/\d+\.\d+/);
      else expect([probe.reason, probe.fix].every((text) => text.length > 10)).toBe(true);
  });

  it('finds the two that need nothing', async () => {
    const available = (await probeBackends()).filter((probe) => probe.available).map((probe) => probe.name);
    expect(available).toEqual(expect.arrayContaining(['webasm', 'cpu']));
  });
});

describe('chooseBackend', () => {
  afterEach(() => forceByEnvironment(before));

  it('takes the first backend that runs here and may be taken unasked', async () => {
    forceByEnvironment(undefined);
    const first = (await probeBackends()).find((probe) => probe.available && probe.onlyWhenForced === undefined);
    expect(await nameOfChosen()).toBe(first!.name);
  });

  it('says which faster backends it passed over', async () => {
    forceByEnvironment(undefined);
    const probes = await probeBackends();
    const backend = await chooseBackend('auto');
    await backend.close();
    const faster = probes.slice(0, BACKEND_NAMES.indexOf(backend.name));
    for (const probe of faster) expect(backend.description).toContain(`${probe.name}: `);
  });

  it.each(['webasm', 'cpu'] as const)('takes %s when the environment says so', async (name) => {
    forceByEnvironment(name);
    expect(await nameOfChosen()).toBe(name);
    expect(await nameOfChosen('auto')).toBe(name);
  });

  it('prefers what the caller names to the environment', async () => {
    forceByEnvironment('cpu');
    expect(await nameOfChosen('webasm')).toBe('webasm');
  });

  it('takes an empty variable for none', async () => {
    forceByEnvironment('');
    await expect(nameOfChosen()).resolves.toEqual(expect.any(String));
  });

  it('refuses a name it does not know and lists those it does', async () => {
    forceByEnvironment('cuda');
    await expect(chooseBackend()).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: 'there is no backend named "cuda"',
      hint: expect.stringContaining('webgpu, onnxruntime, webasm, cpu'),
    });
  });

  it('refuses a backend that is forced and cannot run, and says how to get it', async () => {
    const missing = (await probeBackends()).filter((probe) => !probe.available);
    for (const probe of missing)
      await expect(chooseBackend(probe.name)).rejects.toMatchObject({
        code: 'BACKEND_UNAVAILABLE',
        message: expect.stringContaining(probe.name),
        hint: expect.any(String),
      });
  });
});
