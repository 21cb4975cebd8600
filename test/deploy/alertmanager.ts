import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { eventually, freePort, stopProcess } from '../../bench/support/prometheus.js';
import { ALERTMANAGER } from '../tool.js';

/** What a webhook is told of one alert. */
export interface Told {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A receiver of webhooks. */
export class Webhook {
  readonly told: Told[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Webhook> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (text: Buffer) => (body += text.toString()));
      request.on('end', () => {
        webhook.told.push(...(JSON.parse(body) as { alerts: Told[] }).alerts);
        response.end();
      });
    });
    const webhook = new Webhook(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return webhook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

interface Config {
  readonly route: Record<string, unknown> & { routes: Record<string, unknown>[] };
  readonly receivers: { readonly name: string; webhook_configs: { url: string; send_resolved: boolean }[] }[];
}

const PATIENT = /^(group_wait|group_interval|repeat_interval)$/;

/** The routes an operator applies, without their waiting, towards a webhook. */
function impatient(file: string, url: string): Config {
  const config = parse(readFileSync(file, 'utf8')) as Config;
  for (const route of [config.route, ...config.route.routes])
    for (const key of Object.keys(route)) if (PATIENT.test(key)) route[key] = '1s';
  for (const receiver of config.receivers) for (const webhook of receiver.webhook_configs) webhook.url = url;
  return config;
}

/** A real Alertmanager on a free port. */
export class Alertmanager {
  private constructor(
    readonly address: string,
    private readonly child: ChildProcess,
    private readonly dir: string,
  ) {}

  static async start(file: string, webhook: string): Promise<Alertmanager> {
    const dir = await mkdtemp(join(tmpdir(), 'discern-alertmanager-'));
    const config = join(dir, 'alertmanager.yml');
    // JSON is YAML.
    await writeFile(config, JSON.stringify(impatient(file, webhook)));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      ALERTMANAGER,
      [
        `--config.file=${config}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    await eventually('Alertmanager is ready', async () => (await fetch(`http://${address}/-/ready`)).ok);
    return new Alertmanager(address, child, dir);
  }

  async stop(): Promise<void> {
    await stopProcess(this.child);
    await rm(this.dir, { recursive: true, force: true });
  }
}
