import { describe, expect, it } from '@jest/globals';
import { stageMeter } from '../../../src/service/stage-meter.js';
import { renderMetrics } from '../../../src/telemetry/render-metrics.js';
import { createTelemetry } from '../../../src/telemetry/telemetry.js';
import { NOTHING_OBSERVED } from '../../../src/telemetry/observed-state.js';
import { DEAD_LETTERS, EVALUATIONS } from '../../../streams/topics.js';

const record = (topic: string) => ({ topic, key: 'k', value: new Uint8Array() });
const receipt = { record: { topic: 't', partition: 0, offset: 0n } };

function meteredStage() {
  const { registry, stages } = createTelemetry({ state: () => NOTHING_OBSERVED });
  const meter = stageMeter(stages, 'evaluate');
  const series = async (): Promise<Record<string, string>> => {
    const lines = (await renderMetrics(registry)).body.split('\n').filter((line) => line.startsWith('discern_stage_'));
    const split = lines.map((line) => line.replace('discern_stage_', '').split('{stage="evaluate"} '));
    return Object.fromEntries(split.map(([name, value]) => [name, value]));
  };
  return { meter, series };
}

describe('the meter of a stage', () => {
  it('begins at 0 and says nothing of when something was processed', async () => {
    expect(await meteredStage().series()).toEqual({
      received_records_total: '0',
      emitted_records_total: '0',
      dead_records_total: '0',
      in_progress_records: '0',
    });
  });

  it('counts what comes in, what goes out and what is set aside', async () => {
    const { meter, series } = meteredStage();
    meter.received();
    meter.received();
    meter.inProgress(2);
    meter.stored({ records: [record(EVALUATIONS), record(EVALUATIONS), record(DEAD_LETTERS)], done: [] });
    expect(await series()).toEqual({
      received_records_total: '2',
      emitted_records_total: '2',
      dead_records_total: '1',
      in_progress_records: '2',
    });
  });

  it('says when it last finished with what it had read', async () => {
    const { meter, series } = meteredStage();
    const before = Date.now() / 1000;
    meter.stored({ records: [], done: [receipt] });
    const { last_processed_timestamp_seconds: at } = await series();
    expect(Number(at)).toBeGreaterThanOrEqual(before);
    expect(Number(at)).toBeLessThanOrEqual(Date.now() / 1000);
  });
});
