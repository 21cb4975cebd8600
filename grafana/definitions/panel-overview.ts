import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DISCRIMINATES, VERDICT_COLORS, badFrom, goodFrom } from '../parts/colors.js';
import { dashboard, withPanels, type PanelBuilder } from '../parts/dashboard.js';
import { bars, grid, lines, number, states } from '../parts/panels.js';
import { METRIC, now, range, rows, select, statistic } from '../parts/queries.js';
import { panel } from '../parts/variables.js';

const NAME = '{{metric}} {{param}}';

/** Metric and parameter as one label, to name rows by. */
const named = (expr: string): string => `label_join(${expr}, "name", " ", "metric", "param")`;

/** Which metrics of a panel can be trusted now. */
export function panelOverview(): DashboardBuilder {
  const built = dashboard({
    uid: 'discern-panel',
    title: 'Panel overview',
    description: 'Which metrics can tell the better SAE of this panel from the worse one, right now.',
    alerts: 'panel=~"$panel|"',
  }).withVariable(panel());
  return withPanels(built, [...headline(), ...trust(), ...comparison()]);
}

/** How the panel is, in numbers. */
function headline(): PanelBuilder[] {
  return [
    number(
      {
        title: 'Metrics that discriminate',
        description: 'Share of the metrics whose detector says that they tell the runs of the panel apart.',
        unit: 'percentunit',
      },
      [now(`avg(${statistic('discern_metric_discriminating', METRIC)})`)],
    ).thresholds(goodFrom(0.25, 0.6)),
    number({ title: 'Runs', description: 'Runs of the panel that are shown, training or finished.', unit: 'none' }, [
      now(`count(${statistic('discern_run_step', 'run')})`),
    ]),
    number({ title: 'Furthest step', description: 'The furthest training step of any run.', unit: 'none' }, [
      now(`max(${select('discern_run_step', 'panel="$panel"')})`),
    ]),
    number(
      {
        title: 'Checkpoints evaluated',
        description: 'Checkpoints of the panel whose scores were stored in the time that is shown.',
        unit: 'none',
      },
      [now(`sum(increase(${select('discern_checkpoints_evaluated_total', 'panel="$panel"')}[$__range]))`)],
    ).decimals(0),
  ];
}

/** Which metrics to trust now. */
function trust(): PanelBuilder[] {
  return [
    grid(
      {
        title: 'Verdicts',
        description:
          'What each lens says of each metric: reseed noise, discriminability over training, validity against ground truth where there is one.',
        unit: 'none',
      },
      [rows(named(`${statistic('discern_verdict', `${METRIC}, lens, verdict`)} == 1`))],
    )
      .mappings([VERDICT_COLORS])
      .noValue('unknown')
      .withTransformation({
        id: 'groupingToMatrix',
        options: { columnField: 'lens', rowField: 'name', valueField: 'verdict', emptyValue: 'empty' },
      })
      .overrideByRegexp('noise|discriminability|validity', [
        { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
      ])
      .overrideByRegexp('name.*', [{ id: 'displayName', value: 'metric' }]),
    grid(
      {
        title: 'Trust, in numbers',
        description:
          'Per metric: share of run pairs it resolves, spread between runs in units of reseed noise, reseed noise as a share of the score, and how far two SAEs must differ at 5 paired seeds. The metric links to its dashboard.',
        unit: 'none',
      },
      [
        rows(statistic('discern_resolved_pairs_ratio', METRIC)),
        rows(statistic('discern_discriminability_snr', METRIC)),
        rows(statistic('discern_reseed_cv_ratio', METRIC)),
        rows(statistic('discern_detectable_difference', METRIC, 'design="paired"', 'seeds="5"')),
      ],
    )
      .decimals(2)
      .withTransformation({ id: 'merge', options: {} })
      .withTransformation({
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: {
            'Value #A': 'resolved pairs',
            'Value #B': 'snr',
            'Value #C': 'reseed cv',
            'Value #D': 'detectable difference',
          },
        },
      })
      .overrideByName('resolved pairs', [{ id: 'unit', value: 'percentunit' }])
      .overrideByName('reseed cv', [{ id: 'unit', value: 'percentunit' }])
      .overrideByName('metric', [
        {
          id: 'links',
          value: [
            {
              title: 'Curves, noise and rankings of this metric',
              url: '/d/discern-metric?${datasource:queryparam}&${job:queryparam}&${panel:queryparam}&var-metric=${__data.fields.metric}&var-param=${__data.fields.param}&${__url_time_range}',
            },
          ],
        },
      ]),
  ];
}

/** What the verdicts rest on. */
function comparison(): PanelBuilder[] {
  return [
    states(
      {
        title: 'Does it discriminate?',
        description:
          'What the detector of each metric says over time. It counts checkpoints and needs several in a row either way.',
        unit: 'none',
      },
      [range(statistic('discern_metric_discriminating', METRIC), NAME)],
    ).mappings([DISCRIMINATES]),
    bars(
      {
        title: 'Pairs of runs told apart',
        description:
          'Share of the pairs of runs whose difference stands at the latest compared step (paired t-tests, Benjamini–Hochberg at 5 %).',
        unit: 'percentunit',
      },
      [now(`sort_desc(${statistic('discern_resolved_pairs_ratio', METRIC)})`, NAME)],
    )
      .min(0)
      .max(1)
      .thresholds(goodFrom(0.2, 0.6)),
    bars(
      {
        title: 'Reseed noise',
        description: 'Standard deviation over evaluation seeds as a share of the score, median over checkpoints.',
        unit: 'percentunit',
      },
      [now(`sort_desc(${statistic('discern_reseed_cv_ratio', METRIC)})`, NAME)],
    )
      .min(0)
      .thresholds(badFrom(0.05, 0.15)),
    lines(
      {
        title: 'Spread between runs ÷ reseed noise',
        description: 'Signal-to-noise ratio at the latest compared step. Below 1 the runs differ less than the seeds.',
        unit: 'none',
      },
      [range(statistic('discern_discriminability_snr', METRIC), NAME)],
    ).min(0),
    lines(
      {
        title: 'Pairs of runs told apart, over time',
        description: 'Share of the pairs of runs whose difference stands at the latest compared step.',
        unit: 'percentunit',
      },
      [range(statistic('discern_resolved_pairs_ratio', METRIC), NAME)],
    )
      .min(0)
      .max(1),
  ];
}
