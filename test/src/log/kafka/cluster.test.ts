import { describe, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import kafkajs, { type Admin, type IResourceConfigEntry } from 'kafkajs';
import { DiscernError } from '../../../../src/errors.js';
import { COMPRESSION_TYPES } from '../../../../src/log/kafka/compression.js';
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.js';
import { COMPRESSIONS, type TopicFinding } from '../../../../src/log/kafka/settings.js';
import type { TopicSettings } from '../../../../src/log/log.js';
import { SASL_PASSWORD, SASL_USER } from '../../../kafka/broker.js';
import { KAFKA_VERSIONS } from '../../../kafka/jars.js';
import { describeWithBroker } from '../../../kafka/with-broker.js';
import { bytes, Consumer, text } from '../consumer.js';
import { inTemporaryFolder } from '../temporary.js';
import { settingsFor, unique, withLogs } from './logs.js';

jest.setTimeout(180_000);

const EVENTS: TopicSettings = {
  name: '',
  partitions: 3,
  cleanup: 'delete',
  retentionMs: 86_400_000,
  maxRecordBytes: 2_000_000,
};

async function withAdmin<T>(address: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** With one partition. Brokers answer a creation before they can tell of the topic. */
async function createTopic(address: string, topic: string, configEntries: IResourceConfigEntry[] = []): Promise<void> {
  await withAdmin(address, async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
    while (!(await admin.listTopics()).includes(topic)) await delay(50);
  });
}

async function configOf(address: string, name: string): Promise<Record<string, string>> {
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }];
  const { resources: found } = await withAdmin(address, (admin) =>
    admin.describeConfigs({ resources, includeSynonyms: false }),
  );
  return Object.fromEntries(found[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

/** The error, searched with everything that hangs on it. */
async function failureOf(opening: Promise<unknown>): Promise<{ error: DiscernError; everything: string }> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof DiscernError) return { error, everything: inspect(error, { depth: 20, showHidden: true }) };
    throw error;
  }
  throw new Error('expected it to be refused');
}

describe.each(KAFKA_VERSIONS)('Apache Kafka %s', (version) => {
  describeWithBroker('topics', version, (broker) => {
    it('are created with their settings', () =>
      withLogs(broker(), async (open) => {
        const log = await open();
        const events = { ...EVENTS, name: unique('events') };
        const latest: TopicSettings = { name: unique('latest'), partitions: 2, cleanup: 'compact' };
        await log.ensureTopics([events, latest]);
        expect(await configOf(broker().address, events.name)).toMatchObject({
          'cleanup.policy': 'delete',
          'retention.ms': '86400000',
          'max.message.bytes': `${2_000_000 + 65_536}`,
          'message.timestamp.type': 'LogAppendTime',
        });
        expect(await configOf(broker().address, latest.name)).toMatchObject({ 'cleanup.policy': 'compact' });
        const { topics } = await withAdmin(broker().address, (admin) =>
          admin.fetchTopicMetadata({ topics: [events.name] }),
        );
        expect(topics[0].partitions.length).toBe(3);
      }));

    it('that are there already are left as they are, but for a limit that is too low; what differs is told', () =>
      withLogs(broker(), async (open) => {
        const name = unique('events');
        const configEntries = [
          { name: 'retention.ms', value: '1000000' },
          { name: 'max.message.bytes', value: '100000' },
          { name: 'segment.ms', value: '60000' },
        ];
        await createTopic(broker().address, name, configEntries);
        const findings: TopicFinding[] = [];
        const log = await open({}, { topic: (finding) => findings.push(finding) });
        await log.ensureTopics([{ ...EVENTS, name }]);
        expect(await configOf(broker().address, name)).toMatchObject({
          'retention.ms': '1000000',
          'segment.ms': '60000',
          'max.message.bytes': `${2_000_000 + 65_536}`,
        });
        expect(findings.map(({ topic, severity, what }) => [topic, severity, what.split(',')[0]])).toEqual([
          [name, 'note', '1 partitions'],
          [name, 'note', 'retention.ms is 1000000'],
          [name, 'note', 'message.timestamp.type is CreateTime: time-outs go by the clocks of the producers'],
        ]);
        for (const { fix } of findings) expect(fix).toMatch(/kafka-configs|partitions/);
        await log.store({ records: [{ topic: name, key: 'k', value: randomBytes(1_900_000) }], done: [] });
      }));

    it('on which records would be lost are refused, with what to do', () =>
      withLogs(broker(), async (open) => {
        const name = unique('latest');
        await createTopic(broker().address, name);
        const log = await open();
        const { error } = await failureOf(log.ensureTopics([{ name, partitions: 1, cleanup: 'compact' }]));
        expect(error).toMatchObject({
          code: 'LOG_UNAVAILABLE',
          hint: expect.stringContaining('cleanup.policy=compact'),
        });
        expect(error.message).toContain(`topic ${name}: cleanup.policy is delete`);
      }));

    it('may be created by several processes at once', () =>
      withLogs(broker(), async (open) => {
        const settings = [1, 2, 3].map(() => ({ ...EVENTS, name: unique('events') }));
        const logs = await Promise.all([open(), open(), open()]);
        await Promise.all(logs.map((log) => log.ensureTopics(settings)));
        await Promise.all(
          logs.map((log) =>
            log.store({ records: [{ topic: settings[0].name, key: 'k', value: bytes('v') }], done: [] }),
          ),
        );
        expect([...(await logs[0].end(settings[0].name)).values()]).toEqual([3n]);
      }));
  });

  describeWithBroker('records', version, (broker) => {
    it.each(COMPRESSIONS)('compressed with %s are read, and other clients read them', (compression) =>
      withLogs(broker(), async (open) => {
        const name = unique('events');
        const log = await open({ compression });
        await log.ensureTopics([{ ...EVENTS, partitions: 1, name }]);
        const values = Array.from({ length: 50 }, (_, i) => `${i} ${'abc'.repeat(1000)}`);
        await log.store({ records: values.map((value) => ({ topic: name, key: 'k', value: bytes(value) })), done: [] });
        const codec = compression === 'none' ? [] : ['-X', `compression.codec=${compression}`];
        const kcat = (...args: string[]) =>
          spawnSync('kcat', ['-b', broker().address, '-t', name, ...args], {
            encoding: 'utf8',
            input: values.join('\n'),
          });
        // What another client writes: of librdkafka, which frames its batches as Java's client does.
        const produced = kcat('-P', ...codec);
        expect(produced.status).toBe(0);
        const consumer = new Consumer(log, { topic: name, maxInFlight: 1000 });
        expect((await consumer.next(100)).map(text)).toEqual([...values, ...values]);
        consumer.stop();
        expect(kcat('-C', '-e', '-q', '-o', 'beginning').stdout).toBe([...values, ...values, ''].join('\n'));
      }),
    );

    it('do not keep the batch in memory that they came in', () =>
      withLogs(broker(), async (open) => {
        const name = unique('events');
        const log = await open();
        await log.ensureTopics([{ ...EVENTS, partitions: 1, name }]);
        await log.store({
          records: Array.from({ length: 100 }, (_, i) => ({ topic: name, key: `${i}`, value: randomBytes(1000) })),
          done: [],
        });
        const consumer = new Consumer(log, { topic: name, maxInFlight: 1000 });
        for (const { record } of await consumer.next(100)) expect(record.value.buffer.byteLength).toBe(1000);
        consumer.stop();
      }));

    it('that cannot be decompressed make the reader fail with what to install', () =>
      withLogs(broker(), async (open) => {
        const name = unique('events');
        const log = await open({ compression: 'lz4' });
        await log.ensureTopics([{ ...EVENTS, name }]);
        await log.store({ records: [{ topic: name, key: 'k', value: bytes('v'.repeat(1000)) }], done: [] });
        const codecs: Record<number, unknown> = kafkajs.CompressionCodecs;
        const lz4 = codecs[COMPRESSION_TYPES.lz4];
        const missing = new DiscernError('LOG_UNAVAILABLE', 'lz4 compression needs a package', { hint: 'Install it.' });
        codecs[COMPRESSION_TYPES.lz4] = () => ({ decompress: () => Promise.reject(missing) });
        try {
          const consumer = new Consumer(log, { topic: name, group: unique('group'), maxInFlight: 10 });
          await expect(consumer.next(1)).rejects.toBe(missing);
        } finally {
          codecs[COMPRESSION_TYPES.lz4] = lz4;
        }
      }));
  });

  describeWithBroker('a cluster', version, (broker) => {
    it('that asks for a password gets it from the settings or from a file', () =>
      inTemporaryFolder((dir) =>
        withLogs(broker(), async (open) => {
          const brokers = [broker().saslAddress];
          const sasl = { mechanism: 'plain', username: SASL_USER } as const;
          const passwordFile = join(dir, 'password');
          await writeFile(passwordFile, `${SASL_PASSWORD}\n`);
          for (const password of [{ password: SASL_PASSWORD }, { passwordFile }]) {
            const log = await open({ brokers, sasl: { ...sasl, ...password } });
            const name = unique('events');
            await log.ensureTopics([{ ...EVENTS, name }]);
            await log.store({ records: [{ topic: name, key: 'k', value: bytes('v') }], done: [] });
            const consumer = new Consumer(log, { topic: name, group: unique('group'), maxInFlight: 1 });
            expect((await consumer.next(1)).map(text)).toEqual(['v']);
            consumer.stop();
          }
        }),
      ));

    it('that refuses the password is told of without it', async () => {
      const sasl = { mechanism: 'plain', username: SASL_USER, password: 'hunter2-wrong' } as const;
      const said: string[] = [];
      const settings = settingsFor(broker(), { brokers: [broker().saslAddress], sasl });
      const reports = { warn: (line: string) => said.push(line), debug: (line: string) => said.push(line) };
      const { error, everything } = await failureOf(openKafkaLog(settings, reports));
      expect(error.code).toBe('LOG_UNAVAILABLE');
      expect(error.hint).toContain('log.kafka.sasl');
      expect(said.length).toBeGreaterThan(0);
      for (const line of [everything, ...said]) expect(line).not.toContain('hunter2-wrong');
    });
  });
});

describe('a cluster that cannot be reached', () => {
  it('is refused by name, with what to do', async () => {
    const settings = {
      brokers: ['127.0.0.1:1'],
      clientId: 'test',
      compression: 'none',
      sessionTimeoutMs: 10_000,
    } as const;
    const { error } = await failureOf(openKafkaLog(settings));
    expect(error.message).toMatch(/^Kafka at 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/);
    expect(error.hint).toContain('log.kafka.brokers');
  });

  it.each([
    [{ sasl: { mechanism: 'plain', username: 'u' } }, /no password for u/],
    [
      { sasl: { mechanism: 'plain', username: 'u', passwordFile: '/nowhere/password' } },
      /sasl\.passwordFile: \/nowhere\/password/,
    ],
    [{ ssl: { caFile: '/nowhere/ca.pem' } }, /ssl\.caFile: \/nowhere\/ca\.pem/],
    [{ ssl: { certFile: '/x' } }, /certFile and keyFile go together/],
  ] as const)('is not even asked with settings that cannot be used: %j', async (more, message) => {
    const settings = {
      brokers: ['127.0.0.1:1'],
      clientId: 'test',
      compression: 'none',
      sessionTimeoutMs: 10_000,
    } as const;
    const { error } = await failureOf(openKafkaLog({ ...settings, ...more }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(message);
  });
});
