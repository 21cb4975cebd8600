import { rm } from 'node:fs/promises';

/** Removes what `setup` made. */
export default async function teardown() {
  await rm(globalThis.temporaryFiles, { recursive: true, force: true, maxRetries: 5 });
}
