import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Download, Page } from 'playwright-core';
import { BehaviorSubject } from 'rxjs';
import { createTelemetry } from '../../../../src/telemetry/telemetry.js';
import { createServer, type Server } from '../../../../src/web/server.js';
import { launchChromium, openPage, type WatchedPage } from '../../../../bench/support/browser.js';
import { describeWithTool } from '../../../tool.js';
import { CROWDED_STATE, LATER_STATE, PANEL_STATE } from './panel-states.js';

// As the build leaves it.
const PAGE = fileURLToPath(new URL('../../../../dist/src/web/page/', import.meta.url));
const DESKTOP = { viewport: { width: 1280, height: 900 }, acceptDownloads: true };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describeWithTool('chromium', 'the live page in a browser', () => {
  let browser: Browser;
  let server: Server;
  let url: string;
  const states = new BehaviorSubject(PANEL_STATE);
  const opened: WatchedPage[] = [];

  beforeAll(async () => {
    const { registry } = createTelemetry({ state: () => states.value });
    server = await createServer({ state$: states, registry, port: 0, throttleMs: 10, page: PAGE });
    [browser, url] = await Promise.all([launchChromium(), server.listen()]);
  });
  beforeEach(() => states.next(PANEL_STATE));
  afterEach(async () => {
    const watched = opened.splice(0);
    await Promise.all(watched.map((each) => each.close()));
    for (const { errors, origins } of watched) {
      expect(errors).toEqual([]);
      expect([...origins].filter((origin) => origin !== url && origin !== 'null')).toEqual([]);
    }
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(options: BrowserContextOptions = DESKTOP, hash = '#panel=p&metric=tpp|n=20'): Promise<Page> {
    const watched = await openPage(browser, `${url}/${hash}`, options);
    opened.push(watched);
    await watched.page.locator('#score-plot canvas').waitFor();
    return watched.page;
  }

  it('draws the curve of each run in its colour, and nothing of a run that has none', async () => {
    const page = await open();
    expect(await page.title()).toBe('tpp n=20 · p · Discern');
    await untilDrawn(page);
    expect(await pixels(page, FIRST_RUN)).toBeGreaterThan(50);
    expect(await pixels(page, SECOND_RUN)).toBeGreaterThan(50);
    expect(await pixels(page, THIRD_RUN)).toBe(0);
  });

  it('says what to do, whether the metric discriminates, and how it agrees with the truth and the others', async () => {
    const page = await open();
    expect(await page.locator('#overall').innerText()).toContain('good');
    expect(await page.locator('#advice').innerText()).toBe(
      'tpp n=20: good. Two SAEs must differ by 0.062 at one seed.',
    );
    expect(await page.locator('#discriminates').innerText()).toBe('Tells the runs apart now since step 100');
    await page.locator('#agreement li').waitFor();
    expect(await page.locator('#agreement li').innerText()).toMatch(/scr n=5\s+−1.00\s+1 contradiction/);
    expect(await page.locator('#validity li').innerText()).toContain('ρ +0.80 (4 checkpoints) over all checkpoints');
    expect(await page.locator('#letters li').innerText()).toContain('cfg.json has no d_sae');
  });

  it('follows the panel as it changes, without a reload', async () => {
    const page = await open();
    await untilDrawn(page);
    states.next(LATER_STATE);
    await page.locator('#runs .run-name', { hasText: /^c$/ }).waitFor();
    await page.locator('.fact', { hasText: '0.0456' }).waitFor();
    expect(await page.locator('#advice').innerText()).toContain('Now with three runs.');
    await page.locator('#trust tr.selected .scores', { hasText: '0.900' }).waitFor();
  });

  it('shows a verdict by its word, and its reason, numbers and thresholds on hover and on focus', async () => {
    const page = await open();
    const noise = page
      .locator('#trust tbody tr', { has: page.getByRole('link', { name: 'scr n=5' }) })
      .locator('.noise');
    const cell = noise.getByRole('button');
    expect(await noise.innerText()).toMatch(/bad\s*4 %/);
    const tip = page.locator('#tip');
    await noise.hover();
    await tip.waitFor();
    expect(await tip.innerText()).toMatch(/scatters by 20 % of itself[^]*median CV\s+20 %[^]*bad above a CV of\s+15 %/);
    await page.mouse.move(0, 0);
    await tip.waitFor({ state: 'hidden' });
    await cell.focus();
    await tip.waitFor();
    expect(await cell.getAttribute('aria-describedby')).toBe('tip');
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'hidden' });
    // The next verdict of the row is one key away.
    await page.keyboard.press('Tab');
    await tip.waitFor();
    expect(await tip.innerText()).toContain('it has stopped telling runs apart');
  });

  it('filters by name and by verdict, and sorts by verdict', async () => {
    const page = await open();
    const names = () => page.locator('#trust tbody th a').allInnerTexts();
    expect(await names()).toEqual(['l0', 'scr n=5', 'tpp n=20']);
    await page.fill('#filter', 'bad');
    expect(await names()).toEqual(['scr n=5']);
    expect(await page.locator('#trust-count').innerText()).toBe('1 of 3 metrics');
    await page.fill('#filter', '');
    await page.click('th.column-verdict button');
    expect(await names()).toEqual(['tpp n=20', 'l0', 'scr n=5']);
    expect(await page.getAttribute('th.column-verdict', 'aria-sort')).toBe('descending');
  });

  it('keeps the rows that the filter leaves out: typing does not make them anew', async () => {
    const page = await open();
    await page.evaluate("globalThis.row = [...document.querySelectorAll('#trust tbody tr')].at(-1)");
    await page.fill('#filter', 'bad');
    expect(await page.evaluate('globalThis.row.isConnected')).toBe(false);
    await page.fill('#filter', '');
    expect(await page.evaluate('globalThis.row.isConnected')).toBe(true);
  });

  it('shows of many runs those nearest to the pointer', async () => {
    const page = await open();
    states.next(CROWDED_STATE);
    await page.locator('#runs .run-name', { hasText: /^r19$/ }).waitFor();
    await page.locator('#ruler circle').nth(19).waitFor();
    await page.locator('#score-plot .u-over').hover({ position: { x: 200, y: 100 } });
    const tooltip = page.locator('#score-plot .tooltip');
    await tooltip.waitFor();
    expect(await tooltip.locator('.tooltip-row').count()).toBe(12);
    expect(await tooltip.innerText()).toContain('the nearest 12 of 20');
  });

  it('lists contradictions, and leads to the metrics', async () => {
    const page = await open();
    const pairs = page.locator('#contradictions li');
    expect(await pairs.allInnerTexts()).toEqual([
      expect.stringMatching(/scr n=5 against tpp n=20\s+opposite order of 1 of 1 run pair .* τ-b −1\.00/),
    ]);
    await pairs.getByRole('link', { name: 'scr n=5' }).click();
    await page.locator('#metric-title', { hasText: 'scr n=5' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#panel=p&metric=scr|n=5');
    expect(await page.locator('#discriminates').innerText()).toBe('Does not tell the runs apart now since step 200');
  });

  it('saves the curves as CSV and the plot as PNG', async () => {
    const page = await open();
    await untilDrawn(page);
    const csv = await download(page, '#save-csv');
    expect(csv.suggestedFilename()).toBe('p-tpp-n-20.csv');
    const lines = (await content(csv)).toString('utf8').split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[2]).toMatch(/^p,tpp,n=20,a,200,2000,4,0\.6,0\.02,0\.01,0\.0318/);
    const png = await download(page, '#save-png');
    expect(png.suggestedFilename()).toBe('p-tpp-n-20.png');
    const bytes = await content(png);
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    // Width and height of the header: the plot with its margins, title and legend.
    const box = (await page.locator('#score-plot canvas').boundingBox())!;
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(box.width);
    expect(bytes.readUInt32BE(20)).toBeGreaterThan(box.height + 50);
  });

  it.each(['light', 'dark'] as const)('has no violation that axe-core calls serious, %s', async (colorScheme) => {
    const page = await open({ ...DESKTOP, colorScheme });
    await untilDrawn(page, colorScheme === 'dark' ? '#5cb0ee' : FIRST_RUN);
    expect(await violations(page)).toEqual([]);
    await page.locator('.noise .lens').first().focus();
    await page.locator('#tip').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('fits a phone: the page does not scroll sideways, and a tap gives the reasons', async () => {
    const page = await open(PHONE);
    await untilDrawn(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.locator('.noise .lens').first().tap();
    await page.locator('#tip').waitFor();
    const { x, width } = (await page.locator('#tip').boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await violations(page)).toEqual([]);
  });
});

/** Colours of the first three runs on a light ground. */
const [FIRST_RUN, SECOND_RUN, THIRD_RUN] = ['#0067a8', '#c65200', '#00805c'];

/** How many pixels of the score plot have this colour, but for the smoothing of edges. */
function pixels(page: Page, color: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#score-plot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const [r, g, b] = [1, 3, 5].map((at) => parseInt('${color}'.slice(at, at + 2), 16));
    let found = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.hypot(data[i] - r, data[i + 1] - g, data[i + 2] - b) < 24 && data[i + 3] > 128) found += 1;
    return found;
  })()`);
}

async function untilDrawn(page: Page, color = FIRST_RUN): Promise<void> {
  while ((await pixels(page, color)) === 0) await page.waitForTimeout(20);
}

/** What axe-core finds serious or critical, with the elements. */
async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await page.evaluate<axe.AxeResults>(`${axe.source}; axe.run()`);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}

async function download(page: Page, button: string): Promise<Download> {
  const [started] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return started;
}

async function content(file: Download): Promise<Buffer> {
  return readFile(await file.path());
}
