/** Characters of all names and values of an exemplar: OpenMetrics allows no more, and prom-client counts UTF-16. */
const LONGEST = 128;

/**
 * The labels that lead from a number to the checkpoint it came from; none when the run's name is too long for them.
 * prom-client's declarations allow an exemplar only the labels of its metric, hence the open type.
 */
export function exemplarOf({ run, step }: { readonly run: string; readonly step: number }): Record<string, string> {
  const labels = { run, step: `${step}` };
  const { length } = Object.entries(labels).flat().join('');
  return length > LONGEST ? {} : labels;
}
