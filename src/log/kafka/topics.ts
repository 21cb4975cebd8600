import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ConfigSource, type ITopicConfig } from 'kafkajs';
import { DiscernError } from '../../errors.js';
import type { TopicSettings } from '../log.js';
import type { TopicFinding } from './settings.js';

/** Kafka's limit is on a batch: the record with its key and headers, and what the batch itself takes. */
const BATCH_ALLOWANCE = 64 * 1024;
const DEFAULT_RECORD_BYTES = 1024 * 1024;

/** How long a broker may take to follow a setting, and how often it is asked. */
const FOLLOW_MS = 30_000;
const POLL_MS = 100;

export function batchBytesOf({ maxRecordBytes = DEFAULT_RECORD_BYTES }: TopicSettings): number {
  return maxRecordBytes + BATCH_ALLOWANCE;
}

export function configOf(topic: TopicSettings): ReadonlyMap<string, string> {
  return new Map([
    ['cleanup.policy', topic.cleanup],
    ['max.message.bytes', `${batchBytesOf(topic)}`],
    // When a record came, by the broker's clock: producers' clocks may be anywhere, and time-outs go by this.
    ['message.timestamp.type', 'LogAppendTime'],
    ...(topic.cleanup === 'delete' ? ([['retention.ms', `${topic.retentionMs ?? -1}`]] as const) : []),
  ]);
}

/**
 * Creates the topics that are missing, raises a limit on the size of records that is too low, and says what else of
 * the existing ones differs. Nothing else of an existing topic is changed: another number of partitions would move
 * keys, and how long records are kept is for its operators to say.
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly TopicSettings[],
  replicationFactor: number | undefined,
): Promise<readonly TopicFinding[]> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !existing.has(name));
  if (missing.length > 0)
    // Resolves with false when another process was faster, which is as good.
    await admin.createTopics({
      topics: missing.map((topic) => creation(topic, replicationFactor)),
      waitForLeaders: true,
    });
  const there = topics.filter(({ name }) => existing.has(name));
  if (there.length === 0) return [];
  const [{ resources }, { topics: metadata }] = await Promise.all([
    admin.describeConfigs({
      includeSynonyms: false,
      resources: there.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    }),
    admin.fetchTopicMetadata({ topics: there.map(({ name }) => name) }),
  ]);
  const findings: TopicFinding[] = [];
  for (const topic of there) {
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const partitions = metadata.find(({ name }) => name === topic.name)?.partitions.length ?? 0;
    const found: FoundTopic = {
      partitions,
      config: new Map(entries.map(({ configName, configValue }) => [configName, configValue])),
    };
    findings.push(...compareTopic(topic, found));
    if (limitOf(found) < batchBytesOf(topic)) await raiseLimit(admin, topic, entries.filter(isOwn).map(asEntry));
  }
  return findings;
}

export interface FoundTopic {
  readonly partitions: number;
  readonly config: ReadonlyMap<string, string>;
}

/** How a topic differs from its settings, except for a limit that is too low: that is raised. */
export function compareTopic(topic: TopicSettings, { partitions, config }: FoundTopic): TopicFinding[] {
  const { name } = topic;
  const findings: TopicFinding[] = [];
  const alter = (entry: string): string =>
    `If this is not meant: kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name ${name} --add-config ${entry}`;
  const policy = config.get('cleanup.policy');
  if (policy !== undefined && policy !== topic.cleanup)
    findings.push({
      topic: name,
      severity: 'wrong',
      what: `cleanup.policy is ${policy}, it must be ${topic.cleanup}: ${LOSS[topic.cleanup]}`,
      fix: `kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name ${name} --add-config cleanup.policy=${topic.cleanup}`,
    });
  if (partitions < topic.partitions)
    findings.push({
      topic: name,
      severity: 'note',
      what: `${partitions} partitions, ${topic.partitions} are usual: at most so many processes share the work`,
      fix: 'More partitions move keys to other ones: add them while nothing is published, or create the topic anew.',
    });
  const wanted = `${topic.retentionMs ?? -1}`;
  const retention = config.get('retention.ms');
  if (topic.cleanup === 'delete' && retention !== undefined && retention !== wanted)
    findings.push({
      topic: name,
      severity: 'note',
      what: `retention.ms is ${retention}, usual is ${wanted}`,
      fix: alter(`retention.ms=${wanted}`),
    });
  const clock = config.get('message.timestamp.type');
  if (clock !== undefined && clock !== 'LogAppendTime')
    findings.push({
      topic: name,
      severity: 'note',
      what: `message.timestamp.type is ${clock}: time-outs go by the clocks of the producers`,
      fix: alter('message.timestamp.type=LogAppendTime'),
    });
  return findings;
}

const LOSS = {
  compact: 'records that are still valid age out',
  delete: 'records with the same key, such as the parts of one checkpoint, replace each other',
} as const;

/** @throws DiscernError LOG_UNAVAILABLE for a topic on which records would be lost */
export function refuseWrong(findings: readonly TopicFinding[]): void {
  const wrong = findings.find(({ severity }) => severity === 'wrong');
  if (wrong !== undefined)
    throw new DiscernError('LOG_UNAVAILABLE', `topic ${wrong.topic}: ${wrong.what}`, { hint: wrong.fix });
}

function creation(topic: TopicSettings, replicationFactor: number | undefined): ITopicConfig {
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    configEntries: [...configOf(topic)].map(([name, value]) => ({ name, value })),
  };
}

function limitOf({ config }: FoundTopic): number {
  return Number(config.get('max.message.bytes') ?? Infinity);
}

interface ConfigEntry {
  readonly configName: string;
  readonly configValue: string;
  readonly configSource: ConfigSource;
}

/** Whether it was given to the topic, not inherited from the broker. */
function isOwn({ configSource }: ConfigEntry): boolean {
  return configSource === kafkajs.ConfigSource.TOPIC_CONFIG;
}

function asEntry({ configName, configValue }: ConfigEntry): { name: string; value: string } {
  return { name: configName, value: configValue };
}

/** The request replaces everything that was set for the topic, so all of it is said again. */
async function raiseLimit(
  admin: Admin,
  topic: TopicSettings,
  own: readonly { name: string; value: string }[],
): Promise<void> {
  const limit = { name: 'max.message.bytes', value: `${batchBytesOf(topic)}` };
  const configEntries = [...own.filter(({ name }) => name !== limit.name), limit];
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name, configEntries };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  // Brokers follow their controller a little later; until then a record within the limit would be refused.
  for (const deadline = Date.now() + FOLLOW_MS; Date.now() < deadline; await sleep(POLL_MS))
    if ((await limitAt(admin, topic.name)) >= batchBytesOf(topic)) return;
  throw new DiscernError(
    'LOG_UNAVAILABLE',
    `topic ${topic.name}: its max.message.bytes was raised, but stays as it was`,
    {
      hint: `Set it by hand: kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name ${topic.name} --add-config ${limit.name}=${limit.value}`,
    },
  );
}

async function limitAt(admin: Admin, name: string): Promise<number> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['max.message.bytes'] }],
  });
  return Number(resources[0]?.configEntries[0]?.configValue ?? 0);
}
