/** A step and the number of runs that are compared there. */
interface Compared {
  readonly step: number;
  readonly runs: number;
}

/**
 * The step that stands for now. While the runs of a panel arrive at a step one by one, fewer of them are compared than
 * at the step before, and what is said of the panel would jump with each arrival: then the step before stands. A run
 * that stops for good holds it back by one step, once.
 *
 * @param compared in ascending order of the step
 */
export function currentStep<T extends Compared>(compared: readonly T[]): T | undefined {
  const latest = compared.at(-1);
  const before = compared.at(-2);
  return latest !== undefined && before !== undefined && stepBeforeStands(before.runs, latest.runs) ? before : latest;
}

/** Whether the step before the latest stands for now, given how many runs are compared at each. */
export function stepBeforeStands(runsBefore: number, runsAtLatest: number): boolean {
  return runsAtLatest < runsBefore;
}
