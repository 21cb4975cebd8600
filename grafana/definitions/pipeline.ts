import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { badFrom } from '../parts/colors.js';
import { dashboard, withPanels, type PanelBuilder } from '../parts/dashboard.js';
import { grid, lines, number } from '../parts/panels.js';
import { now, range, rows, select } from '../parts/queries.js';

const rate = (series: string): string => `rate(${select(series)}[$__rate_interval])`;

/** The dataflow itself. */
export function pipeline(): DashboardBuilder {
  const built = dashboard({
    uid: 'discern-pipeline',
    title: 'Pipeline',
    description: 'How the dataflow is: what comes in, what waits, what is refused, and where the time goes.',
    alerts: 'severity=~".+"',
  });
  return withPanels(built, [...headline(), ...flow(), ...stages(), ...time(), ...processes()]);
}

/** Is anything wrong? */
function headline(): PanelBuilder[] {
  return [
    number({ title: 'Processes up', description: 'Discern processes that answer Prometheus.', unit: 'none' }, [
      now(`sum(${select('up')})`),
    ]),
    number(
      {
        title: 'Checkpoints waiting or in work',
        description: 'Records of the checkpoints topic that no evaluator has acknowledged.',
        unit: 'none',
      },
      [
        now(
          `sum(max by (partition) (${select('discern_consumer_lag_records', 'topic="discern.checkpoints.v1"')})) or vector(0)`,
        ),
      ],
    ).thresholds(badFrom(50, 500)),
    number(
      { title: 'Dead letters', description: 'Records that were set aside in the time that is shown.', unit: 'none' },
      [now(`sum(increase(${select('discern_dead_letters_total')}[$__range])) or vector(0)`)],
    )
      .decimals(0)
      .thresholds(badFrom(1, 10)),
    number(
      {
        title: 'Slowest metric, 95th percentile',
        description: 'Of the time to score one checkpoint, over the time that is shown.',
        unit: 's',
      },
      [
        now(
          `max(histogram_quantile(0.95, sum by (metric, le) (increase(${select('discern_evaluation_duration_seconds_bucket')}[$__range]))))`,
        ),
      ],
    ),
  ];
}

/** What comes in, waits, is folded and is refused. */
function flow(): PanelBuilder[] {
  return [
    lines(
      {
        title: 'Checkpoints',
        description: 'Received by evaluators, repeated deliveries included, and evaluated.',
        unit: 'cpm',
      },
      [
        range(`60 * sum by (panel) (${rate('discern_checkpoints_received_total')})`, 'received {{panel}}'),
        range(`60 * sum by (panel) (${rate('discern_checkpoints_evaluated_total')})`, 'evaluated {{panel}}'),
      ],
    ).min(0),
    lines(
      {
        title: 'Waiting',
        description: 'Records that the group of evaluators has not acknowledged, by topic and partition.',
        unit: 'none',
      },
      [
        range(
          `max by (topic, partition) (${select('discern_consumer_lag_records')})`,
          '{{topic}} partition {{partition}}',
        ),
      ],
    ).min(0),
    lines(
      {
        title: 'Scores folded into statistics',
        description:
          'By the auditors, repeated deliveries included; conflicts are scores that differ from an earlier one of the same identity.',
        unit: 'cps',
      },
      [
        range(`sum(${rate('discern_scores_total')})`, 'scores'),
        range(`sum(${rate('discern_score_conflicts_total')}) or vector(0)`, 'conflicts'),
      ],
    ).min(0),
    lines(
      {
        title: 'Dead letters',
        description: 'Records that could not become a score or a statistic, by topic and reason.',
        unit: 'cpm',
      },
      [
        range(
          `60 * sum by (topic, reason) (${rate('discern_dead_letters_total')}) or vector(0)`,
          '{{topic}} {{reason}}',
        ),
      ],
    ).min(0),
  ];
}

/** The dataflow stage by stage: evaluate, audit, observe. */
function stages(): PanelBuilder[] {
  return [
    lines(
      {
        title: 'Records in and out, by stage',
        description:
          'What each stage reads, repeated deliveries included, and what it stores; dead letters on their own.',
        unit: 'cps',
      },
      [
        range(`sum by (stage) (${rate('discern_stage_received_records_total')})`, '{{stage}} in'),
        range(`sum by (stage) (${rate('discern_stage_emitted_records_total')})`, '{{stage}} out'),
        range(`sum by (stage) (${rate('discern_stage_dead_records_total')})`, '{{stage}} dead'),
      ],
    ).min(0),
    lines(
      {
        title: 'In progress, by stage',
        description: 'Records that each process has read and not yet acknowledged: what a crash would deliver again.',
        unit: 'none',
      },
      [range(`sum by (stage, instance) (${select('discern_stage_in_progress_records')})`, '{{stage}} {{instance}}')],
    ).min(0),
    lines(
      {
        title: 'Since a stage last finished something',
        description:
          'Growing while records wait means that the stage is stuck; growing while none do, that it is idle.',
        unit: 's',
      },
      [
        range(
          `time() - max by (stage, instance) (${select('discern_stage_last_processed_timestamp_seconds')})`,
          '{{stage}} {{instance}}',
        ),
      ],
    ).min(0),
  ];
}

/** Where the time goes. */
function time(): PanelBuilder[] {
  return [
    lines(
      {
        title: 'Time to score a checkpoint, median',
        description: 'By metric, or by the family of metrics that one computation yields.',
        unit: 's',
      },
      [
        range(
          `histogram_quantile(0.5, sum by (metric, le) (${rate('discern_evaluation_duration_seconds_bucket')}))`,
          '{{metric}}',
        ),
      ],
    ).min(0),
    lines({ title: 'Time to score a checkpoint, 95th percentile', description: 'By metric or family.', unit: 's' }, [
      range(
        `histogram_quantile(0.95, sum by (metric, le) (${rate('discern_evaluation_duration_seconds_bucket')}))`,
        '{{metric}}',
      ),
    ]).min(0),
  ];
}

/** What the processes take. */
function processes(): PanelBuilder[] {
  return [
    lines({ title: 'Processor time', description: 'Cores in use by each process.', unit: 'none' }, [
      range(`sum by (instance) (${rate('process_cpu_seconds_total')})`, '{{instance}}'),
    ]).min(0),
    lines({ title: 'Memory', description: 'Resident memory of each process.', unit: 'bytes' }, [
      range(`max by (instance) (${select('process_resident_memory_bytes')})`, '{{instance}}'),
    ]).min(0),
    lines(
      {
        title: 'Event loop lag, 99th percentile',
        description: 'How long the main thread of each process is busy at a stretch: health checks wait as long.',
        unit: 's',
      },
      [range(`max by (instance) (${select('nodejs_eventloop_lag_p99_seconds')})`, '{{instance}}')],
    ).min(0),
    grid({ title: 'Compute backends', description: 'What the evaluators run on.', unit: 'none' }, [
      rows(`max by (instance, backend, description) (${select('discern_backend_info')})`),
    ])
      .height(9)
      .withTransformation({ id: 'organize', options: { excludeByName: { Time: true, Value: true } } }),
  ];
}
