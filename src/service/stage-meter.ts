import type { LogMeter } from '../log/metered.js';
import { DEAD_LETTERS } from '../../streams/topics.js';
import type { StageSeries } from '../telemetry/families/stages.js';

/** Meters one stage of the dataflow. Its series begin at 0 with the stage. */
export function stageMeter(series: StageSeries, stage: string): LogMeter {
  const labels = { stage };
  for (const counter of [series.received, series.emitted, series.dead]) counter.inc(labels, 0);
  series.inProgress.set(labels, 0);
  return {
    received: () => series.received.inc(labels),
    stored({ records, done }) {
      const dead = records.filter(({ topic }) => topic === DEAD_LETTERS).length;
      series.dead.inc(labels, dead);
      series.emitted.inc(labels, records.length - dead);
      if (done.length > 0) series.lastProcessed.set(labels, Date.now() / 1000);
    },
    inProgress: (deliveries) => series.inProgress.set(labels, deliveries),
  };
}
