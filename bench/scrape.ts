/**
 * What a scrape of `/metrics` takes, and for how long it keeps the service from anything else:
 *
 *     npm run build && node dist/bench/scrape.js [runs] [steps] [metrics] [seeds]
 *
 * A `discern serve` audits a panel and is scraped: while nothing changes, right after a checkpoint changed every
 * metric, and each second while checkpoints arrive. With the ground truth there are more series. `/healthz` is asked
 * all the while: its slowest answer is how long the event loop was busy at a stretch. A bare `/healthz`, which
 * is as little as an answer can take here, is what to compare with.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WatchedPanel } from './support/watched-panel.js';

const [runs = 50, steps = 30, metrics = 40, seeds = 5] = process.argv.slice(2).map(Number);
const SCRAPES = 20;
const CHECKPOINTS = 6;

const FORMATS = {
  text: 'text/plain;version=0.0.4',
  OpenMetrics: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5',
};

interface Scrape {
  readonly ms: number;
  /** Of the text, and as it was transferred. */
  readonly bytes: number;
  readonly series: number;
}

for (const truth of ['absent', 'present'] as const) {
  const watched = await WatchedPanel.start(truth, { runs, metrics, seeds }, steps);
  try {
    await measure(truth, watched);
  } finally {
    await watched.stop();
  }
}

async function measure(truth: string, watched: WatchedPanel): Promise<void> {
  console.log(`ground truth ${truth}: ${runs} runs × ${metrics} metric-params, ${steps} steps, ${seeds} seeds`);
  let next = 0;
  const reach = async (settle: boolean): Promise<void> => {
    const [run, step] = [next % runs, steps + Math.floor(next / runs)];
    next += 1;
    await (settle ? watched.publishAndSettle(run, step) : watched.publish(run, step));
  };
  for (const [format, accept] of Object.entries(FORMATS)) {
    const scrape = (): Promise<Scrape> => scrapeOnce(watched.url, accept);
    const { series, bytes } = await scrape();
    console.log(`${format}: ${series} series, ${(bytes / 1e6).toFixed(2)} MB`);
    await report('nothing changes', watched.url, () => repeat(SCRAPES, scrape));
    await report('after a checkpoint', watched.url, () =>
      repeat(CHECKPOINTS, async () => {
        await reach(true);
        return scrape();
      }),
    );
    await report('while checkpoints arrive', watched.url, async () => {
      const arriving = repeat(CHECKPOINTS, async () => {
        await reach(false);
        await delay(2000);
      });
      const scrapes = repeat(2 * CHECKPOINTS, async () => {
        await delay(1000);
        return scrape();
      });
      await arriving;
      return scrapes;
    });
  }
  console.log(`/healthz alone: ${summary((await pinged(watched.url, () => delay(2000))).times)}`);
}

/** Prints how long scrapes took, and how long the health check waited meanwhile. */
async function report(when: string, url: string, work: () => Promise<readonly Scrape[]>): Promise<void> {
  const { result, times } = await pinged(url, work);
  console.log(`  ${when}: ${summary(result.map(({ ms }) => ms))}; /healthz meanwhile ${summary(times)}`);
}

async function scrapeOnce(url: string, accept: string): Promise<Scrape> {
  const start = performance.now();
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  const body = await response.arrayBuffer();
  const ms = performance.now() - start;
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const lines = new TextDecoder().decode(body).split('\n');
  const series = lines.filter((line) => line !== '' && !line.startsWith('#')).length;
  return { ms, bytes: body.byteLength, series };
}

/** Asks `/healthz` again and again while work goes on, and times the answers. */
async function pinged<T>(url: string, work: () => Promise<T>): Promise<{ result: T; times: readonly number[] }> {
  const times: number[] = [];
  const ended = new AbortController();
  const pinging = (async () => {
    while (!ended.signal.aborted) {
      const start = performance.now();
      await (await fetch(`${url}/healthz`)).arrayBuffer();
      times.push(performance.now() - start);
      await delay(5);
    }
  })();
  const result = await work();
  ended.abort();
  await pinging;
  return { result, times };
}

async function repeat<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await work());
  return results;
}

function summary(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (sorted.at(Math.floor(share * (sorted.length - 1))) ?? NaN).toFixed(0);
  return `best ${at(0)}, median ${at(0.5)}, worst ${at(1)} ms`;
}
