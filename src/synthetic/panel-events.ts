/** A checkpoint that has been trained and saved. */
export interface TrainedCheckpoint {
  readonly type: 'checkpoint';
  readonly panel: string;
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  /** Steps the run will have in the end. */
  readonly steps: number;
  /** Rows seen so far. */
  readonly tokens: number;
  /** The checkpoint's folder, complete. */
  readonly dir: string;
  /** Of the last batch, before its step. */
  readonly explainedVariance: number;
  /** Active latents a row, likewise. */
  readonly l0: number;
}

/** A run has made its last step. */
export interface FinishedRun {
  readonly type: 'finished';
  readonly panel: string;
  readonly run: string;
  readonly step: number;
}

export type PanelEvent = TrainedCheckpoint | FinishedRun;

/** The event in words, for a terminal. */
export function describeEvent(event: PanelEvent): string {
  if (event.type === 'finished') return `${event.run}: trained, ${event.step.toLocaleString('en')} steps`;
  const { run, step, steps, explainedVariance, l0 } = event;
  return (
    `${run}: step ${step.toLocaleString('en')} of ${steps.toLocaleString('en')}, ` +
    `explained variance ${explainedVariance.toFixed(3)}, ${l0.toFixed(1)} active latents a row`
  );
}
