import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { publishScores } from '../../src/attach/publish-scores.js';
import type { AuditScore } from '../../src/lenses/index.js';
import { openEmbeddedLog } from '../../src/log/embedded.js';
import type { Log } from '../../src/log/log.js';
import { metricKey } from '../../src/telemetry/observed-state.js';
import type { MetricDetails, Overview } from '../../src/web/page/protocol.js';
import { encodeRecord } from '../../streams/codec.js';
import { checkpointKey } from '../../streams/keys.js';
import { CHECKPOINTS, STATISTICS, TOPICS } from '../../streams/topics.js';
import { DiscernProcess } from './discern.js';
import { eventually, freePort } from './prometheus.js';
import { scorePanel, stepOf, type PanelShape, type ScorePanel } from './score-panel.js';

/** A round of statistics may have had only some of a checkpoint's scores: the next one comes within this time. */
const SETTLED_MS = 600;

/** A panel whose scores lie in an embedded log, and a `discern serve` that audits and shows them. */
export class WatchedPanel {
  private readonly changed = new Set<string>();
  private latest: { readonly metric: string; readonly param: string } | undefined;
  private readonly reading: { unsubscribe(): void };

  private constructor(
    readonly url: string,
    private readonly panel: ScorePanel,
    private readonly shape: PanelShape,
    private readonly log: Log,
    private readonly service: DiscernProcess,
    private readonly dir: string,
  ) {
    this.reading = log.read({ topic: STATISTICS, maxInFlight: 256 }).subscribe((delivery) => {
      // Not decoded: this process measures how long the other keeps it waiting, and must not be busy itself.
      const [, metric, param] = JSON.parse(delivery.record.key) as [string, string, string];
      this.latest = { metric, param };
      this.changed.add(metricKey(metric, param));
      void log.store({ records: [], done: [delivery] });
    });
  }

  /** Resolves once every metric of the panel is shown. */
  static async start(truth: 'absent' | 'present', shape: PanelShape, steps: number): Promise<WatchedPanel> {
    const dir = await mkdtemp(join(tmpdir(), 'discern-bench-'));
    const log = await openEmbeddedLog(dir);
    await log.ensureTopics(TOPICS);
    const panel = scorePanel(truth, shape);
    const last = Array.from({ length: shape.runs }, (_, run) => panel.checkpoint(run, steps - 1)[0]);
    await announce(log, last);
    await publishScores(log, panel.scores(0, steps));
    const port = await freePort();
    const address = ['--log-embedded-dir', dir, '--http-port', String(port)];
    const service = new DiscernProcess('serve', '--only', 'audit', ...address);
    const watched = new WatchedPanel(`http://127.0.0.1:${String(port)}`, panel, shape, log, service, dir);
    await eventually('every metric is shown', () => watched.isShown());
    return watched;
  }

  get name(): string {
    return this.panel.name;
  }

  /** The scores of a run at a step are stored, without waiting for what becomes of them. */
  async publish(run: number, step: number): Promise<void> {
    const scores = this.panel.checkpoint(run, step);
    this.changed.clear();
    await announce(this.log, scores.slice(0, 1));
    await publishScores(this.log, scores);
  }

  /** Publishes, and resolves once that is in what the service shows of every metric. */
  async publishAndSettle(run: number, step: number): Promise<void> {
    await this.publish(run, step);
    await eventually('every metric has the checkpoint', async () => {
      return this.changed.size === this.shape.metrics && (await this.shows(run, step));
    });
    await delay(SETTLED_MS);
  }

  async stop(): Promise<void> {
    this.reading.unsubscribe();
    await this.service.stop();
    await this.log.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  private async isShown(): Promise<boolean> {
    const { panels } = (await (await fetch(`${this.url}/api/state`)).json()) as Overview;
    return panels.some(({ metrics }) => metrics.length === this.shape.metrics);
  }

  /** Records of a topic are shown in their order: what is asked for is the last one. */
  private async shows(run: number, step: number): Promise<boolean> {
    const { metric = '', param = '' } = this.latest ?? {};
    const query = new URLSearchParams({ panel: this.name, metric, param });
    const response = await fetch(`${this.url}/api/metric?${query.toString()}`);
    const { curves } = (await response.json()) as MetricDetails;
    return curves.some((curve) => curve.run === `run-${run}` && curve.points.at(-1)?.step === stepOf(step));
  }
}

/** As if the checkpoints had been published; nobody evaluates them. */
async function announce(log: Log, scores: readonly AuditScore[]): Promise<void> {
  const records = scores.map(({ panel, run, variant, trainSeed, step, tokens, evaluatedAt }) => {
    const identity = { panel, run, variant, trainSeed, step, tokens };
    const weights = { uri: 'file:///nowhere', sha256: '0'.repeat(64), bytes: 0 };
    const rest = { format: 'saelens', config: {}, weights, publishedAt: evaluatedAt };
    const value = encodeRecord({ v: 1, type: 'checkpoint', ...identity, ...rest });
    return { topic: CHECKPOINTS, key: checkpointKey(run), value };
  });
  await log.store({ records, done: [] });
}
