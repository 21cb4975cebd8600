import { DiscernError } from '../errors.js';
import type { Backend, BackendName } from './backend.js';
import { cpu } from './backends/cpu.js';
import { onnxruntime } from './backends/onnxruntime.js';
import type { BackendOptions, BackendProbe, BackendProvider } from './backends/provider.js';
import { webasm } from './backends/webasm.js';
import { webgpu } from './backends/webgpu.js';

/** Every backend, the preferred first. */
const PROVIDERS: readonly BackendProvider[] = [webgpu, onnxruntime, webasm, cpu];

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
  return wanted === 'auto' ? firstAvailable(options) : providerNamed(wanted).open(options);
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

async function firstAvailable(options: BackendOptions): Promise<Backend> {
  const passedOver: string[] = [];
  for (const provider of PROVIDERS) {
    const probe = await provider.probe();
    const reason = probe.available ? probe.onlyWhenForced : probe.reason;
    if (reason === undefined) return withNote(await provider.open(options), passedOver);
    passedOver.push(`${provider.name}: ${reason}`);
  }
  throw new DiscernError('BACKEND_UNAVAILABLE', `no backend runs here (${passedOver.join('; ')})`);
}

/** A faster backend that is missing must show, not just cost time. */
function withNote(backend: Backend, passedOver: readonly string[]): Backend {
  if (passedOver.length === 0) return backend;
  return { ...backend, description: `${backend.description}; passed over: ${passedOver.join('; ')}` };
}
