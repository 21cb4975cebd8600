import { describe, it } from '@jest/globals';
import { chooseBackend, probeBackends } from '../../../src/kernels/backends.js';
import type { Backend, BackendName } from '../../../src/kernels/backend.js';

const probes = await probeBackends();

/** Where nothing may be skipped, a missing backend is a failure. */
const requireAll = process.env.DISCERN_REQUIRE_ALL === '1';

/** Runs a suite on every backend of this machine; says which are missing and why. */
export function describeOnEveryBackend(
  title: string,
  suite: (open: () => Promise<Backend>, name: BackendName) => void,
): void {
  for (const probe of probes) {
    const open = (): Promise<Backend> => chooseBackend(probe.name, { threads: 2 });
    if (probe.available) describe(`${title} (${probe.name})`, () => suite(open, probe.name));
    else skip(title, probe.name, probe.reason);
  }
}

function skip(title: string, backend: BackendName, reason: string): void {
  if (requireAll)
    it(`${title} (${backend})`, () => {
      throw new Error(`${backend} does not run here, although DISCERN_REQUIRE_ALL=1: ${reason}`);
    });
  else process.stderr.write(`${title}: skipped on ${backend}, which does not run here: ${reason}\n`);
}
