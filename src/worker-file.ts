import { fileURLToPath } from 'node:url';

/**
 * Path of a worker thread's file beside the module that starts it. A thread needs compiled code: started from the
 * TypeScript sources (under jest), it runs what the last build made of them.
 *
 * @param module `import.meta.url` of the caller
 * @param name e.g. `./encoder-thread.js`
 */
export function workerFile(module: string, name: string): string {
  const url = module.endsWith('.ts') ? compiledUrlOf(module) : module;
  return fileURLToPath(new URL(name, url));
}

function compiledUrlOf(module: string): string {
  const root = new URL('../', import.meta.url).href;
  return new URL(`dist/${module.slice(root.length)}`, root).href;
}
