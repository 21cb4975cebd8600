import { describe, expect, it } from '@jest/globals';
import { comparedSteps, currentStep, stepBefore } from '../../../src/telemetry/current-step.js';
import { STATISTICS, summary } from './states.js';

const withRuns = (...runs: readonly (readonly [string, number])[]) => ({
  ...STATISTICS,
  checkpoints: runs.map(([run, step]) => summary(run, step, 0.5)),
  discriminability: {
    by_step: Object.fromEntries([...new Set(runs.map(([, step]) => step))].map((step) => [step, { snr: step }])),
  },
});

describe('currentStep', () => {
  it('is the latest step at which runs were compared', () => {
    expect(currentStep(STATISTICS)).toMatchObject({ step: 200, runs: 2, snr: 10 });
  });

  it('waits for the runs that are still missing at the latest step', () => {
    const arriving = withRuns(['a', 9], ['b', 9], ['c', 9], ['a', 100], ['b', 100]);
    expect(currentStep(arriving)).toMatchObject({ step: 9, runs: 3 });
  });

  it('goes on without a run that stopped', () => {
    const stopped = withRuns(['a', 9], ['b', 9], ['c', 9], ['a', 100], ['b', 100], ['a', 1000], ['b', 1000]);
    expect(currentStep(stopped)).toMatchObject({ step: 1000, runs: 2 });
  });

  it('is undefined before runs were compared', () => {
    expect(currentStep(withRuns())).toBeUndefined();
    expect(stepBefore(STATISTICS)?.step).toBe(100);
    expect(stepBefore(withRuns(['a', 1], ['b', 1]))).toBeUndefined();
  });

  it('orders steps as numbers', () => {
    expect(comparedSteps(withRuns(['a', 1000], ['a', 20], ['a', 3])).map(({ step }) => step)).toEqual([3, 20, 1000]);
  });
});
