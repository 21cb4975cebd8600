import { expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { DiscernError } from '../../../../src/errors.js';
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.js';
import type { KafkaSettings } from '../../../../src/log/kafka/settings.js';
import { SASL_PASSWORD, SASL_USER, type Broker } from '../../../kafka/broker.js';
import { KAFKA_VERSIONS } from '../../../kafka/jars.js';
import { describeWithBroker } from '../../../kafka/with-broker.js';
import { selfSigned } from '../../../tls.js';
import { describeWithTool } from '../../../tool.js';
import { bytes, Consumer, text } from '../consumer.js';
import { inTemporaryFolder } from '../temporary.js';
import { settingsFor, unique, withLogs } from './logs.js';

jest.setTimeout(180_000);

const SASL = { mechanism: 'scram-sha-512', username: SASL_USER, password: SASL_PASSWORD } as const;

function secured(broker: Broker, more: Partial<KafkaSettings> = {}): Partial<KafkaSettings> {
  return { brokers: [broker.tlsAddress], ssl: { caFile: broker.certificate!.cert }, sasl: SASL, ...more };
}

/** How opening a log is refused, and everything that hangs on the error. */
async function refusal(broker: Broker, more: Partial<KafkaSettings>): Promise<{ error: DiscernError; all: string }> {
  try {
    await (await openKafkaLog(settingsFor(broker, secured(broker, more)))).close();
  } catch (error) {
    if (error instanceof DiscernError) return { error, all: inspect(error, { depth: 20, showHidden: true }) };
    throw error;
  }
  throw new Error('expected it to be refused');
}

describeWithTool('openssl', 'a cluster with TLS', () => {
  describeWithBroker(
    'and SASL/SCRAM',
    KAFKA_VERSIONS[1],
    (broker) => {
      it('takes a client that trusts its certificate and has the password', () =>
        inTemporaryFolder((dir) =>
          withLogs(broker(), async (open) => {
            const passwordFile = join(dir, 'password');
            await writeFile(passwordFile, `${SASL_PASSWORD}\n`);
            const { mechanism, username } = SASL;
            for (const sasl of [SASL, { mechanism, username, passwordFile }]) {
              const log = await open(secured(broker(), { sasl }));
              const name = unique('events');
              await log.ensureTopics([{ name, partitions: 2, cleanup: 'delete' }]);
              await log.store({ records: [{ topic: name, key: 'k', value: bytes('v') }], done: [] });
              const consumer = new Consumer(log, { topic: name, group: unique('group'), maxInFlight: 1 });
              expect((await consumer.next(1)).map(text)).toEqual(['v']);
              consumer.stop();
            }
          }),
        ));

      it('refuses a wrong password, which is told without it', async () => {
        const { error, all } = await refusal(broker(), { sasl: { ...SASL, password: 'hunter2-wrong' } });
        expect(error.code).toBe('LOG_UNAVAILABLE');
        expect(error.hint).toContain('log.kafka.sasl');
        expect(all).not.toContain('hunter2-wrong');
      });

      it.each([
        ['of an authority nobody knows', () => ({ ssl: true }), /self-signed certificate/],
        [
          'of another authority than the one that is given',
          (dir: string) => ({ ssl: { caFile: selfSigned(dir, 'other').cert } }),
          /self-signed certificate/,
        ],
        [
          'for another name',
          () => ({ ssl: { caFile: broker().certificate!.cert, serverName: 'kafka.example.org' } }),
          /kafka\.example\.org/,
        ],
      ])('is refused with a certificate %s', (_, ssl, reason) =>
        inTemporaryFolder(async (dir) => {
          const { error } = await refusal(broker(), ssl(dir));
          expect(error.code).toBe('LOG_UNAVAILABLE');
          expect(error.message).toMatch(reason);
          expect(error.hint).toContain('log.kafka.ssl');
        }),
      );

      it('tells a client that speaks no TLS', async () => {
        const { error } = await refusal(broker(), { ssl: false });
        expect(error.code).toBe('LOG_UNAVAILABLE');
        expect(error.hint).toContain('log.kafka.ssl');
      });
    },
    'tls',
  );
});
