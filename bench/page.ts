/**
 * How long the live page takes to answer a person:
 *
 *     npm run build && node dist/bench/page.js [runs] [steps] [metrics] [seeds]
 *
 * Chromium (Debian's) opens the page of a `discern serve` that audits a panel. For each action: the time from the input
 * to the paint that follows it (the browser's Event Timing, in steps of 8 ms), and the longest stretch in which the page
 * could not have answered anything else (its long tasks, 0 when none took 50 ms). First while nothing changes, then
 * while checkpoints arrive. An action that changes nothing is what to compare with. With `--screenshots DIR` the page
 * is kept as pictures.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { launchChromium, openPage } from './support/browser.js';
import { WatchedPanel } from './support/watched-panel.js';

const { values: options, positionals } = parseArgs({
  options: { screenshots: { type: 'string' } },
  allowPositionals: true,
});
const [runs = 50, steps = 30, metrics = 40, seeds = 5] = positionals.map(Number);
/** Even: what is typed is deleted again. */
const ROUNDS = 6;
const VIEWPORT = { width: 1440, height: 1000 };

/** Time for what an action leads to, once it was painted: curves that are fetched, and the next update. */
const AFTERWARDS_MS = 600;

interface Action {
  /** What it is done to. It is scrolled into view before. */
  readonly on: string;
  readonly act: (found: Locator, round: number) => Promise<void>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  'press a key that does nothing': { on: 'body', act: (body) => body.press('F8') },
  'point at a run': { on: '#runs button', act: (found, round) => found.nth(round).hover() },
  'press a run': { on: '#runs button', act: (found, round) => found.nth(round).click() },
  'point into the curves': {
    on: '#score-plot .u-over',
    act: (found, round) => found.hover({ position: { x: 80 + 40 * round, y: 100 } }),
  },
  'choose a metric': { on: '#trust tbody th a', act: (found, round) => found.nth(2 + round).click() },
  'choose another spread': {
    on: '#spread',
    act: (found, round) => found.press(round % 2 === 0 ? 'ArrowDown' : 'ArrowUp'),
  },
  'filter the metrics': { on: '#filter', act: (found, round) => found.press(round % 2 === 0 ? '3' : 'Backspace') },
  'sort the metrics': { on: '#trust thead th button', act: (found, round) => found.nth(1 + (round % 4)).click() },
  'point at a verdict': { on: '#trust .noise .lens', act: (found, round) => found.nth(round).hover() },
};

/** Keeps the longest of what the browser reports; entries below 16 ms are not told. */
const WATCH = `
  globalThis.taken = { interaction: 0, task: 0 };
  const longest = (type, name, options) =>
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) taken[name] = Math.max(taken[name], duration);
    }).observe({ type, ...options });
  longest('event', 'interaction', { durationThreshold: 16 });
  longest('longtask', 'task', {});
`;

const browser = await launchChromium();
try {
  for (const truth of ['absent', 'present'] as const) await measure(truth);
} finally {
  await browser.close();
}

async function measure(truth: 'absent' | 'present'): Promise<void> {
  const watched = await WatchedPanel.start(truth, { runs, metrics, seeds }, steps);
  const opened = await openPage(browser, watched.url, { viewport: VIEWPORT });
  const { page, errors } = opened;
  try {
    console.log(`ground truth ${truth}: ${runs} runs × ${metrics} metric-params, ${steps} steps, ${seeds} seeds`);
    await page.locator('#score-plot canvas').waitFor();
    await page
      .locator('#trust tbody tr')
      .nth(metrics - 1)
      .waitFor();
    await page.evaluate(WATCH);
    await delay(2000);
    await report('nothing changes', page);
    const arriving = new AbortController();
    const published = publishAll(watched, arriving.signal);
    await report('checkpoints arrive', page);
    arriving.abort();
    await published;
    if (options.screenshots !== undefined) await picture(page, options.screenshots, truth);
    if (errors.length > 0) throw new Error(`the page complains: ${errors.join('\n')}`);
  } finally {
    await opened.close();
    await watched.stop();
  }
}

/** A run reaches its next step every other second. */
async function publishAll(watched: WatchedPanel, signal: AbortSignal): Promise<void> {
  for (let next = 0; !signal.aborted; next++) {
    await watched.publish(next % runs, steps + Math.floor(next / runs));
    await delay(2000);
  }
}

async function report(when: string, page: Page): Promise<void> {
  console.log(`  ${when}:`);
  for (const [name, { on, act }] of Object.entries(ACTIONS)) {
    const taken: Taken[] = [];
    const found = page.locator(on);
    await found.first().scrollIntoViewIfNeeded();
    await delay(AFTERWARDS_MS);
    for (let round = 0; round < ROUNDS; round++) {
      await page.evaluate('globalThis.taken = { interaction: 0, task: 0 }');
      await act(found, round);
      await delay(AFTERWARDS_MS);
      taken.push(await page.evaluate<Taken>('globalThis.taken'));
    }
    const interactions = taken.map(({ interaction }) => interaction);
    const tasks = taken.map(({ task }) => task);
    console.log(`    ${name}: to the paint ${summary(interactions)}; longest task ${summary(tasks)}`);
  }
}

/** In ms. */
interface Taken {
  readonly interaction: number;
  readonly task: number;
}

async function picture(page: Page, dir: string, name: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`), fullPage: true });
}

function summary(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1].toFixed(0)}, worst ${sorted[sorted.length - 1].toFixed(0)} ms`;
}
