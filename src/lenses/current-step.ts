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
  return latest !== undefined && before !== undefined && latest.runs < before.runs ? before : latest;
}
