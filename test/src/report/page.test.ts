import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Auditor, parseScores, type AuditScore } from '../../../src/lenses/index.js';
import { auditPage } from '../../../src/report/page.js';
import { score } from '../lenses/scores.js';

const GOLDEN = readFileSync(new URL('../../fixtures/statistics/scores.ndjson', import.meta.url), 'utf8');

function pageOf(scores: Iterable<AuditScore>): string {
  const auditor = new Auditor({ direction: () => 'higher' });
  for (const each of scores) auditor.add(each);
  return auditPage(auditor);
}

const golden = pageOf(parseScores(GOLDEN.split('\n')));

describe('the page of an audit', () => {
  it('is self-contained: it has no script and asks the network for nothing', () => {
    expect(golden).toMatch(/^<!doctype html>/);
    expect(golden).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:/i);
    expect(golden).toContain('@media (prefers-color-scheme: dark)');
  });

  it.each([
    'Verdicts',
    'Noise against gap',
    'Validity',
    'Do the metrics rank the runs alike?',
    'Contradictions',
    'Scores over training',
    'How to read this',
  ])('has a section on %s', (title) => expect(golden).toContain(title));

  it('draws a curve with its band for every run of every metric', () => {
    expect(golden.match(/<polyline class="curve"/g)).toHaveLength(5 * 5);
    // The ground truth has one value a checkpoint, so no band.
    expect(golden.match(/<polygon class="band"/g)).toHaveLength(4 * 5);
  });

  it('says of each metric what to do', () => {
    expect(golden).toContain('Two SAEs must differ by 0.081 at one seed');
    expect(golden).toMatch(/<span class="chip bad">bad<\/span>/);
  });

  it('has every number written out: none is NaN, infinite or undefined', () => {
    expect(golden).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('names the pairs of runs that two metrics contradict each other about', () => {
    const of = (metric: string, run: string, mean: number): AuditScore[] =>
      [0, 0.01, 0.03].map((noise, seed) => score({ metric, run, seed, value: mean + (1 + mean) * noise }));
    const page = pageOf([
      ...of('x', 'first', 1),
      ...of('x', 'second', 2),
      ...of('y', 'first', 2),
      ...of('y', 'second', 1),
    ]);
    expect(page).toContain('second over first');
    expect(page).toContain('class="contradiction"');
  });

  it('escapes what scores call themselves', () => {
    const odd = '<script>alert("x")</script>&\'';
    const page = pageOf([score({ panel: odd, run: odd, metric: odd, param: odd, variant: odd })]);
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
  });

  it.each([
    ['no scores', []],
    ['a single score', [score()]],
    ['a step 0', [score({ step: 0, tokens: 0 }), score({ step: 0, tokens: 0, run: 'b' }), score({ step: 5 })]],
    ['equal scores', ['a', 'b', 'c'].flatMap((run) => [1, 2].map((seed) => score({ run, seed, value: 0 })))],
    [
      'huge scores',
      ['a', 'b'].flatMap((run, r) => [1, 2].map((seed) => score({ run, seed, value: 1e300 * (r + seed) }))),
    ],
    ['negative scores', ['a', 'b'].flatMap((run, r) => [1, 2].map((seed) => score({ run, seed, value: -r - seed })))],
    [
      'sixty runs',
      Array.from({ length: 60 }, (_, run) => score({ run: `run-${run}`, variant: `v${run % 3}`, value: run })),
    ],
  ])('is a page also for %s', (_, scores) => {
    const page = pageOf(scores);
    expect(page).toContain('How to read this');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});
