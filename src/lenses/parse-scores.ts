import { z } from 'zod';
import { DiscernError } from '../errors.js';
import type { AuditScore } from './audit-score.js';

/** When a recorded score does not say when it was evaluated: before any that does. */
const UNDATED = '1970-01-01T00:00:00.000Z';

const count = z.number().int().nonnegative();

/** A line as `discern evaluate --format ndjson` writes it. Further keys are ignored. */
const lineSchema = z.object({
  panel: z.string().min(1),
  run: z.string().min(1),
  variant: z.string().min(1),
  trainSeed: z.number().int().default(0),
  step: count,
  tokens: count.default(0),
  metric: z.string().min(1),
  param: z.string(),
  task: z.string().nullable(),
  seed: z.number().int().nullable(),
  value: z.number(),
  evaluatedAt: z.iso.datetime({ offset: true }).default(UNDATED),
  bundle: z.string().optional(),
});

type Line = z.infer<typeof lineSchema>;

/**
 * Recorded scores, one a line, as what the lenses look at: means over tasks. Scores of single tasks are left out where
 * their mean is recorded and averaged where it is not, in the order of the tasks' names. Blank lines are skipped.
 * Without `tokens` there is no slope per tenfold tokens; without `trainSeed` it is 0.
 *
 * @throws DiscernError SCORES_INVALID that names the line and the key
 */
export function parseScores(lines: Iterable<string>): AuditScore[] {
  const means: AuditScore[] = [];
  const recorded = new Set<string>();
  const byTask = new Map<string, Map<string, Line>>();
  let number = 0;
  for (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    const line = parseLine(text, number);
    const identity = identityOf(line);
    if (line.task === null || line.task === '') {
      recorded.add(identity);
      means.push(withoutTask(line));
    } else {
      keepTask(byTask, identity, line.task, line);
    }
  }
  for (const [identity, tasks] of byTask) if (!recorded.has(identity)) means.push(averageOf(tasks));
  return means;
}

function parseLine(text: string, number: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DiscernError('SCORES_INVALID', `line ${number}: expected a score as JSON, found ${excerpt(text)}`, {
      cause,
      hint: 'Each line is one score, as `discern evaluate --format ndjson` writes it. NaN is no JSON and no score.',
    });
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const key = path.length === 0 ? 'the line' : path.join('.');
  throw new DiscernError('SCORES_INVALID', `line ${number}: ${key}: ${message}, in ${excerpt(text)}`);
}

function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function identityOf({ panel, run, step, metric, param, seed, bundle }: Line): string {
  return JSON.stringify([panel, run, step, metric, param, seed, bundle]);
}

/** Of two values of one task the one evaluated later, then the larger stands. */
function keepTask(byTask: Map<string, Map<string, Line>>, identity: string, task: string, line: Line): void {
  let tasks = byTask.get(identity);
  if (tasks === undefined) byTask.set(identity, (tasks = new Map<string, Line>()));
  const held = tasks.get(task);
  if (held === undefined || later(line, held)) tasks.set(task, line);
}

function later(candidate: Line, held: Line): boolean {
  const difference = Date.parse(candidate.evaluatedAt) - Date.parse(held.evaluatedAt);
  return difference > 0 || (difference === 0 && candidate.value > held.value);
}

function averageOf(tasks: ReadonlyMap<string, Line>): AuditScore {
  const ordered = [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  const latest = ordered.reduce((a, b) => (later(b, a) ? b : a));
  const sum = ordered.reduce((total, { value }) => total + value, 0);
  return { ...withoutTask(latest), value: sum / ordered.length };
}

function withoutTask(line: Line): AuditScore {
  const { panel, run, variant, trainSeed, step, tokens, metric, param, seed, value, evaluatedAt, bundle } = line;
  return { panel, run, variant, trainSeed, step, tokens, metric, param, seed, value, evaluatedAt, bundle };
}
