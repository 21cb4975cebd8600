import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, withPanels, type PanelBuilder } from '../parts/dashboard.js';
import { bars, grid, lines, number } from '../parts/panels.js';
import { METRIC, now, range, rows, select, statistic } from '../parts/queries.js';
import { panel, run } from '../parts/variables.js';

const RUN = 'run=~"$run"';

/** One training run, live. */
export function runDetail(): DashboardBuilder {
  const built = dashboard({
    uid: 'discern-run',
    title: 'Run',
    description: 'A training run as it goes: how far it is, and every score of its latest checkpoint.',
    alerts: 'panel=~"$panel|", run=~"$run|"',
  })
    .withVariable(panel())
    .withVariable(run().multi(false).includeAll(false));
  return withPanels(built, [...headline(), ...scores()]);
}

/** How the run is, in numbers. */
function headline(): PanelBuilder[] {
  return [
    number({ title: 'Training step', description: 'The furthest step of the run.', unit: 'none' }, [
      now(`max(${select('discern_run_step', 'panel="$panel"', RUN)})`),
    ]),
    number(
      {
        title: 'Since the last checkpoint',
        description: 'A run that has finished is not waited for, and has no value here.',
        unit: 's',
      },
      [now(`time() - max(${select('discern_last_checkpoint_timestamp_seconds', 'panel="$panel"', RUN)})`)],
    ).noValue('finished'),
    number(
      {
        title: 'Scores',
        description: 'Metrics with a score at the latest checkpoint of the run.',
        unit: 'none',
      },
      [now(`count(${statistic('discern_score', METRIC, RUN)})`)],
    ),
    number(
      {
        title: 'Metrics that follow training',
        description: "Share of the metrics whose score rises or falls steadily with the step (|Spearman's ρ| ≥ 0.5).",
        unit: 'percentunit',
      },
      [now(`avg(abs(${statistic('discern_trajectory_spearman', METRIC, RUN)}) >= bool 0.5)`)],
    ),
  ];
}

/** What its checkpoints score. */
function scores(): PanelBuilder[] {
  return [
    lines({ title: 'Training step', description: 'The furthest step of the run over time.', unit: 'none' }, [
      range(statistic('discern_run_step', 'run', RUN), '{{run}}'),
    ]).min(0),
    bars(
      {
        title: 'Does the score follow training?',
        description: "Spearman's ρ of score and step within the run: 1 rises all the way, −1 falls all the way.",
        unit: 'none',
      },
      [now(`sort_desc(${statistic('discern_trajectory_spearman', METRIC, RUN)})`, '{{metric}} {{param}}')],
    )
      .min(-1)
      .max(1)
      .height(9),
    grid(
      {
        title: 'Scores of the latest checkpoint',
        description: 'Mean over evaluation seeds, and its standard error.',
        unit: 'none',
      },
      [rows(statistic('discern_score', METRIC, RUN)), rows(statistic('discern_score_stderr', METRIC, RUN))],
    )
      .span(24)
      .decimals(4)
      .withTransformation({ id: 'merge', options: {} })
      .withTransformation({
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: { 'Value #A': 'score', 'Value #B': 'standard error' },
        },
      }),
  ];
}
