/**
 * A broker to try things on, empty and gone with its process:
 *
 *     node --import ./test/src/log/child/register.mjs test/kafka/run.ts [3.9.2|4.4.0]
 *
 * Prints host:port when it is there; SIGINT or SIGTERM ends it.
 */
import { once } from 'node:events';
import { Broker } from './broker.js';
import { KAFKA_VERSIONS } from './jars.js';

const [wanted = KAFKA_VERSIONS[0]] = process.argv.slice(2);
const version = KAFKA_VERSIONS.find((known) => known === wanted);
if (version === undefined) {
  console.error(`${wanted}: known are ${KAFKA_VERSIONS.join(', ')}`);
  process.exit(2);
}
const broker = await Broker.start(version);
console.log(broker.address);
const forever = setInterval(() => undefined, 60_000);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(forever);
await broker.stop();
