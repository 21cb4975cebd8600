/**
 * A record keyed by step, of a list of values that mostly changes in one place. What is undefined is left out.
 *
 * It is filled from the last step: an object whose first key is a large index keeps its keys in a small hash table, where
 * ascending keys would make it an array as long as the largest step. Keys are listed in ascending order either way.
 */
export class StepRecord<T> {
  private steps: readonly number[] = [];
  private values: (T | undefined)[] = [];
  private record: Record<string, T> = {};

  /**
   * @param steps in ascending order; the same list as the last time if none was added
   * @param values of each step
   * @returns the record, valid until the next call
   */
  refresh(steps: readonly number[], values: readonly (T | undefined)[]): Readonly<Record<string, T>> {
    if (steps !== this.steps) this.begin(steps);
    for (let i = steps.length - 1; i >= 0; i--) if (values[i] !== this.values[i]) this.put(i, values[i]);
    return this.record;
  }

  private begin(steps: readonly number[]): void {
    [this.steps, this.values, this.record] = [steps, Array<undefined>(steps.length).fill(undefined), {}];
  }

  private put(place: number, value: T | undefined): void {
    this.values[place] = value;
    if (value === undefined) Reflect.deleteProperty(this.record, this.steps[place]);
    else this.record[this.steps[place]] = value;
  }
}
