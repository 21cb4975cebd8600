import { countYes, type ConceptPool, type Reach } from './concepts.js';
import type { Hierarchy } from './hierarchy.js';
import type { LabelledTask } from './tasks.js';

/** Tasks of each reach. */
const COUNT = 2;

/** Which of a group of exclusive siblings does a row have? */
export function classTasks(
  hierarchy: Hierarchy,
  pool: ConceptPool,
  dataset: string,
  minClassRows: number,
): readonly LabelledTask[] {
  return (['in', 'out'] as const).flatMap((reach) => drawTasks(hierarchy, pool, dataset, reach, minClassRows));
}

function drawTasks(
  hierarchy: Hierarchy,
  pool: ConceptPool,
  dataset: string,
  reach: Reach,
  minClassRows: number,
): readonly LabelledTask[] {
  const taken = new Set<number>();
  return Array.from({ length: COUNT }, () => {
    const parent = pool.draw(
      `group of exclusive siblings ${reach}side the dictionary's reach with ${minClassRows} rows each`,
      () => hierarchy.parent[pool.drawFeature(reach)],
      (parent) => {
        if (parent < 0 || taken.has(parent) || hierarchy.exclusive[parent] === 0) return false;
        const siblings = childrenOf(hierarchy, parent);
        return siblings.every(
          (feature) =>
            pool.isInReach(feature) === (reach === 'in') &&
            countYes(pool.label({ operator: 'single', features: [feature] })) >= minClassRows,
        );
      },
    );
    taken.add(parent);
    return classTask(pool, dataset, reach, parent, childrenOf(hierarchy, parent));
  });
}

function childrenOf({ firstChild, branching }: Hierarchy, parent: number): readonly number[] {
  return Array.from({ length: branching }, (_, i) => firstChild[parent] + i);
}

function classTask(
  pool: ConceptPool,
  dataset: string,
  reach: Reach,
  parent: number,
  siblings: readonly number[],
): LabelledTask {
  const category = `all_${reach}`;
  const name = `tpp_${category}_parent${parent}`;
  const labels = new Map(
    siblings.map((feature) => [`${name}.class_${feature}`, pool.label({ operator: 'single', features: [feature] })]),
  );
  return { task: { kind: 'classes', name, dataset, labels: [...labels.keys()] }, category, labels };
}
