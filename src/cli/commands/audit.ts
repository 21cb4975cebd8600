import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { DiscernError } from '../../errors.js';
import { Auditor } from '../../lenses/auditor.js';
import { auditJson, auditTable, parseScores } from '../../lenses/report.js';
import { directionOf } from '../../metrics/index.js';

interface Options {
  readonly format: string;
}

export function auditCommand(): Command {
  return new Command('audit')
    .description('Audits recorded scores: reseed noise, what each metric can tell apart, how it moves over training.')
    .argument('<scores...>', 'files of scores, a JSON object a line; - for standard input')
    .option('--format <kind>', 'table or json', 'table')
    .addHelpText('after', '\nExample:\n  discern audit scores.ndjson --format json')
    .action(async (files: string[], options: Options) => {
      if (options.format !== 'table' && options.format !== 'json')
        throw new DiscernError('USAGE', `--format: '${options.format}' is neither table nor json`);
      const auditor = new Auditor({ direction: directionOf });
      for (const file of files) for (const score of parseScores(await readLines(file))) auditor.add(score);
      process.stdout.write(
        options.format === 'json' ? `${JSON.stringify(auditJson(auditor), null, 2)}\n` : auditTable(auditor),
      );
    });
}

async function readLines(file: string): Promise<string[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) lines.push(line);
  } catch (error) {
    throw new DiscernError('SCORES_INVALID', `${file}: cannot be read`, { cause: error });
  }
  return lines;
}
