// example.ts
import { Auditor, auditJson, directionOf, parseScores } from '../../../src/index.js';

/** Which metrics of recorded scores a panel can be judged by. */
export function trustworthy(lines: Iterable<string>): string[] {
  const auditor = new Auditor({ direction: directionOf });
  for (const score of parseScores(lines)) auditor.add(score);
  const report = auditJson(auditor);
  return Object.values(report).flatMap((metrics) =>
    Object.entries(metrics)
      .filter(([, { verdict }]) => verdict?.overall === 'good')
      .map(([name]) => name),
  );
}
