import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Auditor, auditJson, auditTable, parseScores } from '../../../src/lenses/index.js';

type Json = number | string | null | readonly Json[] | { readonly [key: string]: Json };

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/statistics/${name}`, import.meta.url), 'utf8');
}

/** Numbers that come from p-values or quantiles get the wider tolerance. */
const BY_QUANTILE = /\.(p|pooled_sd_ci|detectable_difference|theil_sen_ci)(\.|$)/;

/** Every number of `expected` that `found` misses, as text. */
function misses(expected: Json, found: Json | undefined, path = ''): string[] {
  if (typeof expected === 'number') {
    const tolerance = (BY_QUANTILE.test(path) ? 1e-7 : 1e-9) * Math.max(Math.abs(expected), 1e-30);
    const close = typeof found === 'number' && Math.abs(found - expected) <= tolerance;
    return close ? [] : [`${path}: expected ${expected}, found ${JSON.stringify(found)}`];
  }
  const entries = Object.entries(expected as { readonly [key: string]: Json });
  return entries.flatMap(([key, value]) =>
    misses(value, (found as { readonly [key: string]: Json } | undefined)?.[key], `${path}.${key}`),
  );
}

function audited(): Auditor {
  const auditor = new Auditor({ direction: () => 'higher' });
  for (const score of parseScores(fixture('scores.ndjson').split('\n'))) auditor.add(score);
  return auditor;
}

describe('the recorded panel', () => {
  it('has every number that SciPy and statsmodels give', () => {
    const expected = JSON.parse(fixture('expected.json')) as Json;
    const found = JSON.parse(JSON.stringify(auditJson(audited()))) as { golden: Json };
    expect(misses(expected, found.golden)).toEqual([]);
  });

  it('counts what came twice', () => {
    expect(audited().counters).toEqual({ added: 728, duplicate: 40, replaced: 0, outdated: 0, other_bundle: 0 });
  });

  it('reads as a table', () => {
    expect(auditTable(audited())).toMatchInlineSnapshot(`
      "golden
      metric          param  noise  tells apart  valid    pooled sd  median cv  detectable, 1 seed  5 seeds    snr  resolved pairs  over training
      gt_f1                  good   unknown      unknown          –          –                   –        –      –               –  rises (ρ 1.00)
      sae_probes_auc  k=5    good   good         good       0.00724      1.0 %              0.0202  0.00906   7.05         100.0 %  rises (ρ 0.96)
      scr             n=100  bad    bad          bad         0.0794    102.3 %               0.222   0.0993  0.668           0.0 %  falls (ρ -0.89)
      sparse_probing  k=1    good   weak         good        0.0189      2.9 %              0.0529   0.0236   1.45          30.0 %  rises (ρ 0.96)
      tpp             n=20   bad    bad          bad         0.0290     17.2 %              0.0810   0.0362  0.506           0.0 %  falls (ρ -0.79)

      gt_f1: unknown. No two runs have scores of two evaluation seeds each.
      sae_probes_auc k=5: good. Two SAEs must differ by 0.020 at one seed.
      scr n=100: bad. Two SAEs must differ by 0.22 at one seed; run 19 seeds for the typical gap of 0.052, or use sae_probes_auc k=5. Over evaluation seeds a score scatters by 102 % of itself; scores get worse while training improves the SAE (ρ −0.89); over all checkpoints it goes against gt_f1 (ρ −0.97 to −0.88). More seeds do not mend that.
      sparse_probing k=1: weak. Two SAEs must differ by 0.053 at one seed; run 2 seeds in common for the typical gap of 0.039, or use sae_probes_auc k=5. 30 % of the pairs of runs are told apart (median of the last 3 steps).
      tpp n=20: bad. Two SAEs must differ by 0.081 at one seed; run 15 seeds in common for the typical gap of 0.020, or use sae_probes_auc k=5. Over evaluation seeds a score scatters by 17 % of itself; scores get worse while training improves the SAE (ρ −0.79); over all checkpoints it goes against gt_f1 (ρ −0.91 to −0.73). More seeds do not mend that.
      "
    `);
  });
});
