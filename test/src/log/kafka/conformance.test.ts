import { describe, jest } from '@jest/globals';
import type { Log } from '../../../../src/log/log.js';
import { KAFKA_VERSIONS } from '../../../kafka/jars.js';
import { describeWithBroker } from '../../../kafka/with-broker.js';
import { describeLog, settingsOf } from '../conformance.js';
import { unique, withLogs } from './logs.js';

jest.setTimeout(180_000);

describe.each(KAFKA_VERSIONS)('Apache Kafka %s', (version) => {
  describeWithBroker('a broker', version, (broker) => {
    describeLog('the Kafka log', (test) =>
      withLogs(broker(), async (openLog) => {
        const topics = { events: unique('events'), latest: unique('latest'), group: unique('group') };
        const open = async (): Promise<Log> => {
          const log = await openLog();
          await log.ensureTopics(settingsOf(topics));
          return log;
        };
        await test({ log: await open(), ...topics }, open);
      }),
    );
  });
});
