// Appends numbered records for ever, or as many as it is told, and prints the number of each one that is acknowledged.
import { openEmbeddedLog } from '../../../../src/log/embedded.js';

const [dir, first, count = 'Infinity'] = process.argv.slice(2);
const log = await openEmbeddedLog(dir);
await log.ensureTopics([{ name: 'events', partitions: 1, cleanup: 'delete' }]);
const start = Number(first);
const end = start + Number(count);

for (let number = start; number < end; number += 4) {
  const batch = [number, number + 1, number + 2, number + 3];
  // Small and large records: large ones take pages of their own in the file.
  const record = (n: number) => ({
    topic: 'events',
    key: `${n}`,
    value: new Uint8Array(n % 7 === 0 ? 20_000 : 20).fill(n),
  });
  await Promise.all([
    log.store({ records: batch.slice(0, 2).map(record), done: [] }),
    log.store({ records: batch.slice(2).map(record), done: [] }),
  ]);
  process.stdout.write(batch.map((n) => `${n}\n`).join(''));
}
await log.close();
