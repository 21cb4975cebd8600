import { fileURLToPath } from 'node:url';

/**
 * Path of a worker thread's file beside the module that starts it. A thread needs compiled code: started from the
 * TypeScript sources (under jest), it runs what the last build made of them.
 *
 * @param module `import.meta.url` of the caller
 * @param name e.g. `./worker.js`
 */
export function workerFile(module: string, name: string): string {
  return fileURLToPath(workerUrl(module, name));
}

/**
 * The same for the threads of a pool, as Piscina's options: they may be ended at any time, even while they start.
 *
 * @param module `import.meta.url` of the caller
 * @param name e.g. `./encoder-thread.js`
 */
export function poolThread(module: string, name: string): { readonly filename: string; readonly workerData: string } {
  return { filename: workerFile(import.meta.url, './pool-thread.cjs'), workerData: workerUrl(module, name).href };
}

function workerUrl(module: string, name: string): URL {
  return new URL(name, module.endsWith('.ts') ? compiledUrlOf(module) : module);
}

function compiledUrlOf(module: string): string {
  const root = new URL('../', import.meta.url).href;
  return new URL(`dist/${module.slice(root.length)}`, root).href;
}
