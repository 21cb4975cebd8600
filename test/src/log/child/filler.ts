// Appends large records until the log refuses one, and prints how many it took and why it refused.
import { DiscernError } from '../../../../src/errors.js';
import { openEmbeddedLog } from '../../../../src/log/embedded.js';

// Writing past the limit raises this signal; without a handler the process would end.
process.on('SIGXFSZ', () => undefined);
const [dir] = process.argv.slice(2);
const log = await openEmbeddedLog(dir);
await log.ensureTopics([{ name: 'events', partitions: 1, cleanup: 'delete' }]);
let stored = 0;
try {
  for (;;) {
    await log.store({ records: [{ topic: 'events', key: 'k', value: new Uint8Array(300_000) }], done: [] });
    stored++;
  }
} catch (error) {
  if (!(error instanceof DiscernError)) throw error;
  const { code, message, hint } = error;
  process.stdout.write(JSON.stringify({ stored, code, message, hint }));
}
await log.close();
