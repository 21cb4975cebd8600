import { estimateByVariant } from '../by-variant.js';
import { judge, type Claim } from '../claim.js';
import type { ComparedRun } from '../panel-scores.js';
import { medianCv } from '../reseed-noise.js';
import { runsInCommon, type CommonRun } from '../runs-in-common.js';
import { nameOf, otherBenchmarks, saeProbesIn } from '../settings.js';

export const saeProbesNoise: Claim = {
  id: 'sae_probes_noise',
  claim: 'sae-probes has the least reseed noise of the benchmarks',
  paper: 'lowest noise',
  find(panel) {
    const others = otherBenchmarks(panel);
    const { setting, scores: own } = saeProbesIn(panel);
    const runs = own === undefined ? [] : runsInCommon([own, ...others].map(({ compared }) => compared));
    const estimate = others.length === 0 ? {} : estimateByVariant(runs, ratioToLeast);
    const missing = 'no runs have sae-probes and another benchmark with two evaluation seeds';
    return [
      {
        subject: nameOf(setting),
        quantity: `its CV ÷ the least of ${others.map(nameOf).join(', ') || 'the others'}`,
        ...estimate,
        ...judge(estimate, { side: 'below', threshold: 1 }, missing),
      },
    ];
  },
};

/** The first metric's median CV over the least of the others'. */
function ratioToLeast(runs: readonly CommonRun<ComparedRun>[]): number | undefined {
  if (runs.length === 0) return undefined;
  const [own, ...others] = runs[0].of.map((_, at) => medianCv(runs.map(({ of }) => of[at])));
  const known = others.filter((cv) => cv !== undefined);
  const least = Math.min(...known);
  return own === undefined || known.length === 0 || least === 0 ? undefined : own / least;
}
