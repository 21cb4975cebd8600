import { DiscernError } from '../errors.js';
import type { Backend, BackendName } from './backend.js';
import { cpu } from './backends/cpu.js';
import { onnxruntime } from './backends/onnxruntime.js';
import type { BackendOptions, BackendProbe, BackendProvider, FailedBackends } from './backends/provider.js';
import { webasm } from './backends/webasm.js';
import { webgpu } from './backends/webgpu.js';

/** Every backend, the preferred first. */
const PROVIDERS: readonly BackendProvider[] = [webgpu, onnxruntime, webasm, cpu];

/** It runs everywhere: when it failed, so has everything before it. */
const LAST_RESORT: BackendName = 'cpu';

export const BACKEND_NAMES: readonly BackendName[] = PROVIDERS.map((provider) => provider.name);

/** What `discern doctor` says of a backend. */
export type NamedProbe = BackendProbe & { readonly name: BackendName };

/** Looks at every backend, in order of preference. Leaves nothing open. */
export function probeBackends(): Promise<readonly NamedProbe[]> {
  return Promise.all(PROVIDERS.map(async (provider) => ({ name: provider.name, ...(await provider.probe()) })));
}

/**
 * Starts a backend.
 *
 * 1. A preference other than `auto` names the backend: it is that one or an error.
 * 2. Without one, the environment variable DISCERN_BACKEND does.
 * 3. Without either, or with `auto`, the first of webgpu, onnxruntime, webasm and cpu that runs here is taken. A GPU
 *    adapter in software is left out. The description says which were passed over and why.
 *
 * @throws DiscernError BACKEND_UNAVAILABLE with the reason and how to fix it
 */
export async function chooseBackend(
  preference: BackendName | 'auto' = 'auto',
  options: BackendOptions = {},
): Promise<Backend> {
  const wanted = preference === 'auto' ? wantedByEnvironment() : preference;
  return wanted === 'auto' ? firstAvailable(options, new Map()) : providerNamed(wanted).open(options);
}

/**
 * Starts the next backend when some have failed at work.
 *
 * @returns undefined when the backend was asked for by name, or none is left
 */
export async function chooseFallback(
  preference: BackendName | 'auto',
  failed: FailedBackends,
  options: BackendOptions = {},
): Promise<Backend | undefined> {
  if (preference !== 'auto' || wantedByEnvironment() !== 'auto') return undefined;
  if (failed.has(LAST_RESORT)) return undefined;
  return firstAvailable(options, failed);
}

function wantedByEnvironment(): string {
  const wanted = process.env['DISCERN_BACKEND'] ?? '';
  return wanted === '' ? 'auto' : wanted;
}

function providerNamed(name: string): BackendProvider {
  const provider = PROVIDERS.find((candidate) => candidate.name === name);
  if (provider !== undefined) return provider;
  throw new DiscernError('BACKEND_UNAVAILABLE', `there is no backend named ${JSON.stringify(name)}`, {
    hint: `Set DISCERN_BACKEND to auto, ${BACKEND_NAMES.join(', ')}.`,
  });
}

async function firstAvailable(options: BackendOptions, failed: FailedBackends): Promise<Backend> {
  const passedOver: string[] = [];
  for (const provider of PROVIDERS) {
    const reason = failed.get(provider.name) ?? (await reasonAgainst(provider));
    if (reason === undefined) return withNote(await provider.open(options), passedOver);
    passedOver.push(`${provider.name}: ${reason}`);
  }
  throw new DiscernError('BACKEND_UNAVAILABLE', `no backend runs here (${passedOver.join('; ')})`);
}

async function reasonAgainst(provider: BackendProvider): Promise<string | undefined> {
  const probe = await provider.probe();
  return probe.available ? probe.onlyWhenForced : probe.reason;
}

/** A faster backend that is missing must show, not just cost time. */
function withNote(backend: Backend, passedOver: readonly string[]): Backend {
  if (passedOver.length === 0) return backend;
  return { ...backend, description: `${backend.description}; passed over: ${passedOver.join('; ')}` };
}
