import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Broker, type Security } from './broker.js';
import { whyNoBroker, type KafkaVersion } from './jars.js';

/** Starting a JVM, and fetching jars the first time. */
const START_MS = 600_000;

const missing = whyNoBroker();
if (missing !== undefined) {
  const message = `Tests against a real Kafka broker are skipped: ${missing}.`;
  if (process.env['DISCERN_REQUIRE_ALL'] === '1') throw new Error(message);
  process.stderr.write(`${message}\n`);
}

/** A suite with a broker of its own; skipped, with a line, where none can run. */
export function describeWithBroker(
  title: string,
  version: KafkaVersion,
  suite: (broker: () => Broker) => void,
  security?: Security,
): void {
  if (missing !== undefined) {
    describe.skip(title, () => {
      it('needs a broker', () => undefined);
    });
    return;
  }
  describe(title, () => {
    let broker: Broker | undefined;
    beforeAll(async () => {
      broker = await Broker.start(version, security);
    }, START_MS);
    afterAll(() => broker?.stop());
    suite(() => broker!);
  });
}
