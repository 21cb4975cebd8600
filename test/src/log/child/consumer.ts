// Copies the records of one topic to another as a group, one emission a record, and prints the offset of each it is
// handed.
import { concatMap } from 'rxjs';
import { openEmbeddedLog } from '../../../../src/log/embedded.js';

const [dir] = process.argv.slice(2);
const log = await openEmbeddedLog(dir);
await log.ensureTopics([
  { name: 'events', partitions: 1, cleanup: 'delete' },
  { name: 'copies', partitions: 1, cleanup: 'delete' },
]);
log
  .read({ topic: 'events', group: 'copy', maxInFlight: 8 })
  .pipe(
    concatMap((delivery) =>
      log.store({
        records: [{ topic: 'copies', key: `${delivery.record.offset}`, value: delivery.record.value }],
        done: [delivery],
      }),
    ),
  )
  .subscribe();
process.stdout.write('ready\n');
