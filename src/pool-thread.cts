/**
 * What a thread of a pool starts with. It imports the thread's module, given as `workerData`, and hands on its default
 * export.
 *
 * Piscina would `require` the module. When a thread is ended, or the process exits, while `require` links ES modules,
 * Node 20 and 22 give up with "FATAL ERROR: v8::Module::IsGraphAsync" and take the process along. `import` just ends.
 */
import threads = require('node:worker_threads');

interface ThreadModule {
  readonly default: (job: unknown) => unknown;
}

export = import(threads.workerData as string).then((module: ThreadModule) => module.default);
