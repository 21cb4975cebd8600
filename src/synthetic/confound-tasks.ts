import { areDistinct, type Concept, type ConceptPool, type Reach } from './concepts.js';
import type { LabelledTask } from './tasks.js';

/** A single feature, or any of several that are rarer. */
interface Side {
  readonly reach: Reach;
  readonly features: number;
}

const PLANS: readonly { readonly target: Side; readonly spurious: Side }[] = [
  { target: { reach: 'in', features: 1 }, spurious: { reach: 'in', features: 1 } },
  { target: { reach: 'in', features: 2 }, spurious: { reach: 'in', features: 2 } },
  { target: { reach: 'in', features: 1 }, spurious: { reach: 'out', features: 3 } },
  { target: { reach: 'out', features: 3 }, spurious: { reach: 'in', features: 1 } },
];

/** A target concept (T) and one (S) that a biased probe would mistake for it. */
export function confoundTasks(pool: ConceptPool, dataset: string, minGroupRows: number): readonly LabelledTask[] {
  return PLANS.map(({ target, spurious }) => {
    const name = `scr_T${nameOf(target)}_S${nameOf(spurious)}`;
    const pair = pool.draw(
      `pair for ${name} with ${minGroupRows} rows in each combination`,
      () => ({ target: drawConcept(pool, target), spurious: drawConcept(pool, spurious) }),
      ({ target, spurious }) =>
        areDistinct([...target.features, ...spurious.features]) &&
        smallestGroup(pool.label(target), pool.label(spurious)) >= minGroupRows,
    );
    return {
      task: { kind: 'confound', name, dataset, target: `${name}.t`, spurious: `${name}.s` },
      category: `${target.reach}-${spurious.reach}`,
      labels: new Map([
        [`${name}.t`, pool.label(pair.target)],
        [`${name}.s`, pool.label(pair.spurious)],
      ]),
    };
  });
}

function nameOf({ reach, features }: Side): string {
  return `${reach === 'in' ? 'i' : 'o'}_${features === 1 ? 'single' : 'or'}`;
}

function drawConcept(pool: ConceptPool, { reach, features }: Side): Concept {
  return {
    operator: features === 1 ? 'single' : 'or',
    features: Array.from({ length: features }, () => pool.drawFeature(reach)),
  };
}

/** Rows of the rarest of T∧S, T∧¬S, ¬T∧S, ¬T∧¬S. */
function smallestGroup(target: Int8Array, spurious: Int8Array): number {
  const groups = [0, 0, 0, 0];
  for (let row = 0; row < target.length; row++) groups[2 * target[row] + spurious[row]]++;
  return Math.min(...groups);
}
