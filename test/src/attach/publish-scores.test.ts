import { describe, expect, it } from '@jest/globals';
import { publishScores } from '../../../src/attach/publish-scores.js';
import { importResults } from '../../../src/import/saebench/import-results.js';
import type { Emission, Log } from '../../../src/log/log.js';
import { decodeScoreRecord } from '../../../streams/codec.js';
import { scoreKey } from '../../../streams/keys.js';
import { EVALUATIONS } from '../../../streams/topics.js';
import { RESULTS } from '../import/saebench/results.js';

describe('publishing scores', () => {
  it('stores each under its identity, for the audit to read', async () => {
    const stored: Emission[] = [];
    const log: Pick<Log, 'store'> = { store: (emission) => Promise.resolve(void stored.push(emission)) };
    const { scores } = await importResults([RESULTS], {});
    await publishScores(log, scores);
    const records = stored.flatMap((emission) => emission.records);
    expect(records.map(({ topic }) => topic)).toEqual(scores.map(() => EVALUATIONS));
    expect(records.map(({ value }) => decodeScoreRecord(value!))).toEqual(
      scores.map((score) => ({ v: 1, type: 'score', ...score })),
    );
    expect(records.map(({ key }) => key)).toEqual(scores.map(scoreKey));
    expect(new Set(records.map(({ key }) => key)).size).toBe(scores.length);
  });
});
