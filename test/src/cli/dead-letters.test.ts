import { describe, expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import { readDeadLetters, REPLAY_HEADER } from '../../../src/cli/dead-letters.js';
import { DiscernError, type ErrorCode } from '../../../src/errors.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.js';
import type { Log } from '../../../src/log/log.js';
import { encodeRecord } from '../../../streams/codec.js';
import { deadLetter } from '../../../streams/dead-letter.js';
import { CHECKPOINTS, DEAD_LETTERS, EVALUATIONS, TOPICS } from '../../../streams/topics.js';
import { KAFKA_VERSIONS } from '../../kafka/jars.js';
import { describeWithBroker } from '../../kafka/with-broker.js';
import { manifest, score, SHA } from '../../streams/samples.js';
import { Consumer } from '../log/consumer.js';
import { settingsFor } from '../log/kafka/logs.js';
import { inTemporaryFolder } from '../log/temporary.js';
import { discern } from './discern.js';

jest.setTimeout(300_000);

const NOW = '2026-01-01T00:00:00Z';

/** Four dead letters, and a record that is none. */
async function fill(log: Log): Promise<void> {
  const dead = (offset: number, topic: string, key: string, value: Uint8Array, code: ErrorCode) => {
    const record = { topic, partition: 0, offset: BigInt(offset), key, value, headers: {}, timestamp: 0 };
    return deadLetter(record, new DiscernError(code, `what was wrong with ${key}`), NOW);
  };
  const inline = manifest({ run: 'c', weights: { parts: 2, bytes: 10, sha256: SHA } });
  await log.store({
    records: [
      dead(0, CHECKPOINTS, 'a', encodeRecord(manifest({ run: 'a' })), 'PANEL_UNKNOWN'),
      dead(1, CHECKPOINTS, 'b', new Uint8Array([0xc1]), 'RECORD_UNDECODABLE'),
      dead(2, CHECKPOINTS, 'c', encodeRecord(inline), 'PANEL_UNKNOWN'),
      dead(7, EVALUATIONS, 's', encodeRecord(score()), 'RECORD_INVALID'),
      { topic: DEAD_LETTERS, key: 'x', value: new Uint8Array([1]) },
    ],
    done: [],
  });
}

/** The tests for one log; `flags` open it on the command line. */
function suite(open: (test: (log: Log, flags: readonly string[]) => Promise<void>) => Promise<void>): void {
  it('are listed with where they were, why, and what is allowed to be left out', () =>
    open(async (log, flags) => {
      await fill(log);
      const all = await discern(['dead-letters', 'list', '--format', 'ndjson', ...flags]);
      expect(all.code).toBe(0);
      const lines = all.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ reason, topic, offset, key }) => [reason, topic, offset, key])).toEqual([
        ['panel_unknown', CHECKPOINTS, '0', 'a'],
        ['record_undecodable', CHECKPOINTS, '1', 'b'],
        ['panel_unknown', CHECKPOINTS, '2', 'c'],
        ['record_invalid', EVALUATIONS, '7', 's'],
      ]);
      expect(lines[1]).toEqual({
        ...{ at: NOW, reason: 'record_undecodable', topic: CHECKPOINTS, partition: 0, offset: '1', key: 'b' },
        ...{ bytes: 1, error: 'what was wrong with b', letter: `${DEAD_LETTERS}/0/1` },
      });
      const table = await discern(['dead-letters', 'list', '--topic', EVALUATIONS, ...flags]);
      expect(table.stdout).toMatch(/record_invalid .* what was wrong with s/);
      expect(table.stdout).not.toContain('panel_unknown');
      expect(all.stderr).toContain('a record among the dead letters is none');
    }));

  it('are replayed to their topic with a mark, except weights whose parts would be missing', () =>
    open(async (log, flags) => {
      await fill(log);
      const dry = await discern(['dead-letters', 'replay', '--reason', 'panel_unknown', '--dry-run', ...flags]);
      expect([dry.code, dry.stdout.trim().split('\n').length]).toEqual([0, 1]);
      expect(await log.end(CHECKPOINTS)).toEqual(new Map());
      const replayed = await discern(['dead-letters', 'replay', '--reason', 'panel_unknown', ...flags]);
      expect(replayed.code).toBe(0);
      expect(replayed.stdout).toBe(dry.stdout);
      expect(replayed.stderr).toContain('must be published again');
      const consumer = new Consumer(log, { topic: CHECKPOINTS, maxInFlight: 10 });
      const [{ record }] = await consumer.next(1);
      expect(record.key).toBe('a');
      expect(record.headers).toEqual({ [REPLAY_HEADER]: `${DEAD_LETTERS}/0/0` });
      expect([...record.value]).toEqual([...encodeRecord(manifest({ run: 'a' }))]);
      expect(await consumer.soon()).toEqual([]);
      consumer.stop();
      expect(await readDeadLetters(log, { key: 'a' }, () => undefined)).toHaveLength(1);
    }));

  it('are none in a log that has none', () =>
    open(async (log, flags) => {
      expect(await readDeadLetters(log, {}, () => undefined)).toEqual([]);
      expect((await discern(['dead-letters', 'replay', ...flags])).stdout).toBe('');
    }));
}

describe('dead letters of the embedded log', () => {
  suite((test) =>
    inTemporaryFolder(async (parent) => {
      const dir = join(parent, 'log');
      const log = await openEmbeddedLog(dir);
      await log.ensureTopics(TOPICS);
      await test(log, ['--log-embedded-dir', dir]);
      await log.close();
    }),
  );

  it('are not listed in a format nobody knows', async () => {
    expect((await discern(['dead-letters', 'list', '--format', 'xml'])).code).toBe(2);
  });
});

describeWithBroker('dead letters of a Kafka log', KAFKA_VERSIONS[1], (broker) => {
  suite(async (test) => {
    const log = await openKafkaLog(settingsFor(broker()));
    // The topics have the names they have everywhere, so each test begins with new ones.
    const admin = new (await import('kafkajs')).default.Kafka({ brokers: [broker().address] }).admin();
    await admin.connect();
    const there = (await admin.listTopics()).filter((name) => name.startsWith('discern.'));
    if (there.length > 0) await admin.deleteTopics({ topics: there });
    while ((await admin.listTopics()).some((name) => name.startsWith('discern.')));
    await admin.disconnect();
    await log.ensureTopics(TOPICS);
    await test(log, ['--log-kafka-brokers', broker().address]);
    await log.close();
  });
});
