import type { PanelRun } from '../../synthetic/panel-training.js';
import { verdictsInWords, type Milestone } from './milestones.js';

/** What the demo does and what to look at. */
export function opening(url: string, dir: string, runs: readonly PanelRun[], checkpoints: number): string {
  return `
  Discern is training ${runs.length} small sparse autoencoders on a synthetic model whose features are known, saving ${checkpoints}
  checkpoints of each, and auditing the metrics that score them.

    ${url}   score curves, and which metrics tell the runs apart
    ${url}/metrics   the same for Prometheus
    ${dir}   its bundle and checkpoints

  What to look at on the page:
    - the curves of sae_probes_f1 and of tpp: which of them rises as the SAEs learn?
    - the error bands: would another evaluation seed have ranked the runs differently?
    - the verdicts: three lenses, each with its reason; here the truth is known, so validity is judged too.

  First verdicts come within a minute, a settled audit within five, on two idle cores. Ctrl-C stops; starting again goes on
  with what is there.

`;
}

/** @param seconds since the start */
export function inWords({ type, audit }: Milestone, seconds: number, url: string): string {
  const after = `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (type === 'first verdicts')
    return `\n  After ${after}: the first verdicts are on ${url}. They change while the SAEs train.\n\n`;
  return `
  After ${after} the audit is settled: every checkpoint is evaluated.

${verdictsInWords(audit)}
  ${url} says why, and what to do about it; it stays up until Ctrl-C.

`;
}
