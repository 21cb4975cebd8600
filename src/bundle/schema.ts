import { z } from 'zod';

/** `bundle.json` (contract §4). Keys it does not name are left out. */

const name = z.string().min(1).max(200);
const count = z.int().nonnegative();
const file = z.string().min(1);

const binaryTask = z.object({ kind: z.literal('binary'), name, dataset: name, label: name });
const classesTask = z.object({ kind: z.literal('classes'), name, dataset: name, labels: z.array(name).min(2) });
const confoundTask = z.object({ kind: z.literal('confound'), name, dataset: name, target: name, spurious: name });

export const bundleSchema = z.object({
  format: z.literal('discern-bundle/1'),
  name,
  model: z.string(),
  hook: z.string(),
  d_in: z.int().positive(),
  corpus: z.object({ file, tensor: name, rows: count }),
  datasets: z.array(z.object({ name, file, rows: count, labels: z.array(name) })),
  tasks: z.array(z.discriminatedUnion('kind', [binaryTask, classesTask, confoundTask])),
  ground_truth: z.object({ file, n_features: z.int().positive(), rows: count }).optional(),
});

/** What `bundle.json` says. */
export type BundleDescription = z.infer<typeof bundleSchema>;
