import { areDistinct, countYes, type Concept, type ConceptPool, type Reach } from './concepts.js';
import type { LabelledTask } from './tasks.js';

interface Plan {
  readonly category: string;
  readonly operator: Concept['operator'];
  readonly of: readonly Reach[];
  readonly count: number;
}

/** Rare features are combined by `or`: both together would hardly ever be seen. */
const PLANS: readonly Plan[] = [
  { category: 'single_in', operator: 'single', of: ['in'], count: 3 },
  { category: 'single_out', operator: 'single', of: ['out'], count: 3 },
  { category: 'bool_in', operator: 'and', of: ['in', 'in'], count: 2 },
  { category: 'bool_out', operator: 'or', of: ['out', 'out'], count: 2 },
  { category: 'bool_mixed', operator: 'or', of: ['in', 'out'], count: 2 },
];

/** Does a row have this feature, both, one of them? */
export function binaryTasks(pool: ConceptPool, dataset: string, minPositives: number): readonly LabelledTask[] {
  const taken = new Set<string>();
  return PLANS.flatMap((plan) =>
    Array.from({ length: plan.count }, () => {
      const task = drawTask(pool, dataset, plan, minPositives, taken);
      taken.add(task.task.name);
      return task;
    }),
  );
}

function drawTask(
  pool: ConceptPool,
  dataset: string,
  { category, operator, of }: Plan,
  minPositives: number,
  taken: ReadonlySet<string>,
): LabelledTask {
  const nameOf = ({ features }: Concept): string => `${category}__${operator}__${features.join('_')}`;
  const concept = pool.draw(
    `${category} concept with ${minPositives} positive rows`,
    () => ({ operator, features: of.map((reach) => pool.drawFeature(reach)) }),
    (concept) => {
      const yes = countYes(pool.label(concept));
      const enough = yes >= minPositives && pool.rows - yes >= minPositives;
      return enough && areDistinct(concept.features) && !taken.has(nameOf(concept));
    },
  );
  const name = nameOf(concept);
  const labels = new Map([[name, pool.label(concept)]]);
  return { task: { kind: 'binary', name, dataset, label: name }, category, labels };
}
