import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DISCRIMINATES, VERDICT_COLORS } from '../parts/colors.js';
import { dashboard, withPanels, type PanelBuilder } from '../parts/dashboard.js';
import { grid, lines, states } from '../parts/panels.js';
import { CHOSEN_METRIC, range, rows, statistic } from '../parts/queries.js';
import { metric, panel, param, run } from '../parts/variables.js';

const chosen = (series: string, by: string, ...matchers: readonly string[]): string =>
  statistic(series, by, ...CHOSEN_METRIC, ...matchers);

const RUN = ['run=~"$run"'] as const;

/** One metric of a panel: its curves, and how far to trust it. */
export function metricDetail(): DashboardBuilder {
  const built = dashboard({
    uid: 'discern-metric',
    title: 'Metric',
    description: 'Score curves of a metric over the runs of a panel, its noise, and how well it tells the runs apart.',
    alerts: 'panel=~"$panel|", metric=~"$metric|"',
  })
    .withVariable(panel())
    .withVariable(metric())
    .withVariable(param())
    .withVariable(run());
  return withPanels(built, [...curves(), ...power(), ...order()]);
}

/** The scores themselves. */
function curves(): PanelBuilder[] {
  return [
    lines(
      {
        title: '$metric $param by run',
        description: 'Mean over evaluation seeds at the latest checkpoint of each run.',
        unit: 'none',
      },
      [range(chosen('discern_score', 'run, param', ...RUN), '{{run}} {{param}}')],
    )
      .span(16)
      .height(12),
    grid({ title: 'Verdict', description: 'What each lens says of the metric.', unit: 'none' }, [
      rows(`${chosen('discern_verdict', 'lens, verdict, param')} == 1`),
    ])
      .mappings([VERDICT_COLORS])
      .span(8)
      .withTransformation({
        id: 'organize',
        options: { excludeByName: { Time: true, Value: true }, indexByName: { param: 0, lens: 1, verdict: 2 } },
      })
      .overrideByName('verdict', [{ id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } }]),
    errorBand(),
  ];
}

/** Noise, and what can be told apart in spite of it. */
function power(): PanelBuilder[] {
  return [
    states(
      {
        title: 'Does it discriminate?',
        description: 'What the detector says over time. It counts checkpoints and needs several in a row either way.',
        unit: 'none',
      },
      [range(chosen('discern_metric_discriminating', 'param'), '$metric {{param}}')],
    )
      .mappings([DISCRIMINATES])
      .height(5),
    lines(
      {
        title: 'Reseed noise',
        description: 'Standard deviation over evaluation seeds, pooled over the checkpoints of the panel.',
        unit: 'none',
      },
      [range(chosen('discern_reseed_stddev', 'param'), 'sd {{param}}')],
    ).min(0),
    lines(
      {
        title: 'Smallest difference two SAEs must show',
        description:
          'At 5 %, by the number of evaluation seeds each SAE gets; paired when both are evaluated under the same seeds.',
        unit: 'none',
      },
      [range(chosen('discern_detectable_difference', 'design, seeds, param'), '{{design}}, {{seeds}} seeds {{param}}')],
    ).min(0),
    lines(
      {
        title: 'Pairs of runs told apart',
        description: 'Share of the pairs of runs whose difference stands at the latest compared step.',
        unit: 'percentunit',
      },
      [range(chosen('discern_resolved_pairs_ratio', 'param'), 'resolved {{param}}')],
    )
      .min(0)
      .max(1),
    lines(
      {
        title: 'Spread between runs ÷ reseed noise',
        description: 'Signal-to-noise ratio at the latest compared step. Below 1 the runs differ less than the seeds.',
        unit: 'none',
      },
      [range(chosen('discern_discriminability_snr', 'param'), 'snr {{param}}')],
    ).min(0),
  ];
}

/** Rankings and trends. */
function order(): PanelBuilder[] {
  return [
    lines(
      {
        title: 'Does the ranking hold?',
        description:
          "Kendall's τ-b of the runs' ranking at the latest step and at the compared step before it: 1 is the same ranking, −1 the reverse.",
        unit: 'none',
      },
      [range(chosen('discern_rank_stability_tau', 'param'), 'τ-b {{param}}')],
    )
      .min(-1)
      .max(1),
    lines(
      {
        title: 'Does the score follow training?',
        description: "Spearman's ρ of score and step within each run.",
        unit: 'none',
      },
      [range(chosen('discern_trajectory_spearman', 'run, param', ...RUN), '{{run}} {{param}}')],
    )
      .min(-1)
      .max(1),
    lines(
      {
        title: 'Does it agree with the ground truth?',
        description:
          "Spearman's ρ of the metric and a ground-truth metric across the runs at the latest compared step. Only synthetic models have a ground truth.",
        unit: 'none',
      },
      [range(chosen('discern_ground_truth_spearman', 'reference, param'), '{{reference}} {{param}}')],
    )
      .min(-1)
      .max(1)
      .noValue('no ground truth: not a synthetic model'),
  ];
}

/** Twice the standard error about the mean of a run: a panel a run, so that the bands do not hide each other. */
function errorBand() {
  const score = chosen('discern_score', 'param', ...RUN);
  const error = `2 * ${chosen('discern_score_stderr', 'param', ...RUN)}`;
  return lines(
    {
      title: '$run',
      description: 'Mean over evaluation seeds and, shaded, twice its standard error either way.',
      unit: 'none',
    },
    [range(score, 'mean {{param}}'), range(`${score} + ${error}`, 'high'), range(`${score} - ${error}`, 'low')],
  )
    .repeat('run')
    .repeatDirection('h')
    .maxPerRow(4)
    .span(6)
    .height(7)
    .overrideByName('high', [
      { id: 'custom.fillBelowTo', value: 'low' },
      { id: 'custom.fillOpacity', value: 15 },
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    ])
    .overrideByName('low', [
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    ]);
}
