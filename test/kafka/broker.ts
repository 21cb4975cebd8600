import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { selfSigned, type Certificate } from '../tls.js';
import { jarsOf, type KafkaVersion } from './jars.js';

/** What a listener with TLS asks for: SASL/SCRAM-SHA-512 by a certificate that signs itself. */
export type Security = 'plain' | 'tls';

export const SASL_USER = 'discern';
export const SASL_PASSWORD = 'pa55-of-the-test';

/** How long a start may take on a machine that is busy with other things. */
const START_MS = 180_000;

/**
 * An Apache Kafka broker of its own for a test: one process (KRaft), on free ports of the loopback interface, with its
 * data in a temporary folder. It dies with the process that started it, whatever becomes of that.
 */
export class Broker {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly jars: string,
    private readonly dir: string,
    private readonly ports: Ports,
    /** The broker's certificate, where it has a listener with TLS. */
    readonly certificate: Certificate | undefined,
  ) {}

  static async start(version: KafkaVersion, security: Security = 'plain'): Promise<Broker> {
    const jars = await jarsOf(version);
    const dir = await mkdtemp(join(tmpdir(), 'discern-kafka-'));
    const [plain, sasl, tls, controller] = await freePorts(4);
    const certificate = security === 'tls' ? selfSigned(dir, 'broker') : undefined;
    const broker = new Broker(jars, dir, { plain, sasl, tls, controller }, certificate);
    try {
      await broker.format();
      await broker.run();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  /** host:port */
  get address(): string {
    return `127.0.0.1:${this.ports.plain}`;
  }

  /** host:port that asks for SASL/PLAIN. */
  get saslAddress(): string {
    return `127.0.0.1:${this.ports.sasl}`;
  }

  /** host:port that asks for SASL/SCRAM over TLS. */
  get tlsAddress(): string {
    return `127.0.0.1:${this.ports.tls}`;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (process === undefined) return;
    const closed = once(process, 'close');
    // The shell kills Java when its standard input ends.
    process.stdin?.end();
    await closed;
  }

  /** Starts again after `kill`, with the data that is there. */
  async run(): Promise<void> {
    const log = openSync(join(this.dir, 'broker.log'), 'a');
    const before = await this.starts();
    const java = ['java', '-Xmx400m', '-cp', `${this.jars}/*`, 'kafka.Kafka', this.properties];
    this.process = spawn('bash', ['-c', '"$@" & java=$!; cat; kill -9 $java; wait $java', 'bash', ...java], {
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    const deadline = Date.now() + START_MS;
    while ((await this.starts()) === before || !(await listens(this.ports.plain))) {
      if (Date.now() > deadline || this.process.exitCode !== null)
        throw new Error(`the broker does not start:\n${(await this.log()).slice(-4000)}`);
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  private get properties(): string {
    return join(this.dir, 'server.properties');
  }

  private log(): Promise<string> {
    return readFile(join(this.dir, 'broker.log'), 'utf8');
  }

  /** How often it has started so far. */
  private async starts(): Promise<number> {
    return (await this.log()).split('Kafka Server started').length - 1;
  }

  private async format(): Promise<void> {
    const { certificate } = this;
    const more = certificate === undefined ? {} : await tlsProperties(this.dir, this.ports, certificate);
    await writeFile(this.properties, propertiesOf(this.dir, this.ports, more));
    const scram = `SCRAM-SHA-512=[name=${SASL_USER},password=${SASL_PASSWORD}]`;
    // In one argument: an id may begin with a dash.
    const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${randomBytes(16).toString('base64url')}`];
    const java = ['-cp', `${this.jars}/*`, ...tool, '-c', this.properties, '--ignore-formatted', '--add-scram', scram];
    const { status, stdout, stderr } = spawnSync('java', java, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the broker's folder cannot be formatted:\n${stdout}${stderr}`);
  }
}

interface Ports {
  readonly plain: number;
  readonly sasl: number;
  readonly tls: number;
  readonly controller: number;
}

type Properties = Readonly<Partial<Record<string, string | number | boolean>>>;

async function tlsProperties(dir: string, { tls }: Ports, { cert, key }: Certificate): Promise<Properties> {
  const keystore = join(dir, 'keystore.pem');
  await writeFile(keystore, `${await readFile(key, 'utf8')}${await readFile(cert, 'utf8')}`);
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    tls,
    'listener.name.tls.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.tls.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.tls.ssl.keystore.type': 'PEM',
    'listener.name.tls.ssl.keystore.location': keystore,
  };
}

function propertiesOf(dir: string, { plain, sasl, controller }: Ports, { tls, ...more }: Properties): string {
  const secure = tls === undefined ? '' : `,TLS://127.0.0.1:${tls}`;
  const listeners = `PLAIN://127.0.0.1:${plain},SECURE://127.0.0.1:${sasl}${secure}`;
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${SASL_USER}="${SASL_PASSWORD}";`;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': listeners,
    'inter.broker.listener.name': 'PLAIN',
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,SECURE:SASL_PLAINTEXT,TLS:SASL_SSL,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.secure.plain.sasl.jaas.config': jaas,
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    // Groups need not wait for further members, and a broker that was killed is back soon.
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 1500,
    'broker.heartbeat.interval.ms': 250,
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    'log.cleaner.threads': 1,
    ...more,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
