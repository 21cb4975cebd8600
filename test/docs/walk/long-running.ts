import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ALERTMANAGER } from '../../tool.js';
import { Page } from './page.js';
import type { Running } from './running.js';
import type { LongRunning, Walk } from './walk.js';

const PAGE = 9464;

/** Commands of the documents that end by Ctrl-C alone, and when they have done what is promised of them. */
export const LONG_RUNNING: readonly LongRunning[] = [
  {
    command: /^npm start$/,
    port: PAGE,
    // npm waits for the demo to end and then, whatever that says, dies of the signal itself.
    ends: [0, 'SIGINT'],
    async promised(running, walk, port) {
      await pageIsUp(running, walk, port);
      await running.until('the terminal tells of the first verdicts', () =>
        running.screen.includes('the first verdicts are on'),
      );
      const panel = await walk.page!.panel('demo');
      if (panel?.metrics.some(({ verdict }) => verdict !== undefined) !== true)
        throw running.failure('has no verdict on its page');
    },
    complaint: deadLetters,
  },
  { command: /^npx discern serve /, port: PAGE, promised: pageIsUp, complaint: deadLetters },
  {
    command: /^npx discern watch /,
    async promised(running, walk) {
      await running.until('it has published what is there', () => running.screen.includes('caught up with the folder'));
      if (walk.page !== undefined) await everythingIsAudited(running, walk.page);
    },
  },
  {
    // The synthetic panel takes minutes: it is interrupted after its first scores, as the document says it may be.
    command: /^npx discern reproduce$/,
    ends: ['SIGINT'],
    promised: (running, walk) =>
      running.until('it has the first scores', async () => {
        const files = await readdir(walk.at('.discern/reproduce'), { recursive: true });
        return files.some((file) => /scores\/.+\.ndjson$/.test(file));
      }),
  },
  {
    command: /^prometheus /,
    tools: ['prometheus'],
    port: 9090,
    flags: (port) => `--web.listen-address=127.0.0.1:${port}`,
    promised: (running, _, port) =>
      running.until('it evaluates the rules', async () => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/rules`);
        const { data } = (await response.json()) as { data: { groups: { name: string }[] } };
        return data.groups.length > 0;
      }),
  },
  {
    command: /^alertmanager /,
    tools: [ALERTMANAGER],
    port: 9093,
    flags: (port) => `--web.listen-address=127.0.0.1:${port} --cluster.listen-address=`,
    promised: (running, _, port) =>
      running.until('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok),
  },
];

async function pageIsUp(running: Running, walk: Walk, port: number): Promise<void> {
  const page = new Page(`http://127.0.0.1:${port}`);
  walk.page = page;
  for (const path of ['/', '/readyz', '/metrics']) await running.until(`${path} answers`, () => page.answers(path));
}

async function deadLetters(walk: Walk): Promise<string | undefined> {
  const { deadLetters } = await walk.page!.overview();
  return deadLetters.length === 0 ? undefined : `dead letters: ${JSON.stringify(deadLetters)}`;
}

/** What it published is evaluated, and all runs are compared at their last step. */
async function everythingIsAudited(running: Running, page: Page): Promise<void> {
  const [, folder, name] = / watch (\S+) --panel (\S+)/.exec(running.command)!;
  const runs = await readdir(join(running.cwd, folder));
  await running.until(`the page shows all runs of ${name}`, async () => {
    const panel = await page.panel(name);
    const shown = panel?.runs.map(({ run }) => run) ?? [];
    const last = Math.max(...(panel?.runs.map(({ step }) => step) ?? []));
    const compared = panel?.metrics.some((metric) => metric.runs === runs.length && metric.step === last);
    return runs.every((run) => shown.includes(run)) && compared === true;
  });
}
