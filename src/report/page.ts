import type { Auditor } from '../lenses/auditor.js';
import { html, Markup } from './markup.js';
import { panelReport } from './panel-report.js';
import { STYLE } from './style.js';

/** The audit as one self-contained page: no script, and nothing is fetched. */
export function auditPage(auditor: Auditor): string {
  const panels = auditor.panelNames().map((panel) => panelReport(auditor, panel));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Metric audit: ${auditor.panelNames().join(', ')}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${
            panels.length > 0
              ? panels
              : html`<h1>Metric audit</h1>
                  <p>There are no scores to audit.</p>`
          }
          ${GLOSSARY}
        </main>
      </body>
    </html> `;
  return page.text;
}

const GLOSSARY = html`<section>
  <h2>How to read this</h2>
  <dl>
    <dt>Run, checkpoint, panel</dt>
    <dd>
      A run is one training of one sparse autoencoder (SAE); a checkpoint is a run at one training step; a panel is the
      runs that are compared with each other, on the same model and data.
    </dd>
    <dt>Evaluation seed</dt>
    <dd>
      The random numbers of an evaluation: which rows are drawn, how its probes start. Another seed scores the same SAE
      differently; that scatter is the metric's noise.
    </dd>
    <dt>Noise</dt>
    <dd>Good when a score scatters over seeds by at most 5 % of itself (median over checkpoints), bad above 15 %.</dd>
    <dt>Discriminability</dt>
    <dd>
      Whether the metric tells the runs apart: the share of run pairs whose difference stands (paired t-tests,
      Benjamini–Hochberg at 5 %; median of the last three compared steps). Good from 70 %, bad below 20 %, and bad when
      scores get worse while training improves the SAE.
    </dd>
    <dt>Validity</dt>
    <dd>
      Only for synthetic models, where the truth is known: whether the metric ranks the runs as the ground truth does.
      Bad when the 95 % interval of Spearman's ρ lies below 0, good when it lies above 0 and ρ is at least 0.5. The
      intervals resample whole runs.
    </dd>
    <dt>Unknown</dt>
    <dd>The scores do not say: too few seeds, runs or checkpoints, or no ground truth.</dd>
    <dt>τ, ρ</dt>
    <dd>
      Agreement of two orders: 1 the same, 0 unrelated, −1 opposite. Metrics of which less is better are turned around.
    </dd>
    <dt>Contradiction</dt>
    <dd>
      Two runs that two metrics both tell apart with confidence, in opposite order: at least one of the metrics is wrong
      about what is better.
    </dd>
  </dl>
</section>`;
