import { Command } from 'commander';
import { DiscernError } from '../../errors.js';
import { Auditor } from '../../lenses/auditor.js';
import { auditJson, auditTable, parseScores } from '../../lenses/report.js';
import { describeMetric } from '../../metrics/index.js';
import type { Direction } from '../../metrics/metric.js';
import { auditPage } from '../../report/page.js';
import { parseList } from '../context.js';
import { readLines } from '../read-lines.js';

const FORMATS = { table: auditTable, json: jsonOf, html: auditPage } as const;

interface Options {
  readonly format: string;
  readonly lower: readonly string[];
  readonly neither: readonly string[];
}

export function auditCommand(): Command {
  return new Command('audit')
    .description('Audits recorded scores: how noisy each metric is, what it can tell apart, and what it is worth.')
    .argument('<scores...>', 'files of scores, a JSON object a line; - for standard input')
    .option('--format <kind>', 'table, json or html (one self-contained page)', 'table')
    .option('--lower <metrics>', 'imported metrics of which less is better', parseList, [])
    .option('--neither <metrics>', 'imported metrics of which neither end is better', parseList, [])
    .addHelpText(
      'after',
      `
More is better for metrics that Discern does not know, unless --lower or --neither names them.

Examples:
  discern audit scores.ndjson
  discern audit scores.ndjson --format html > audit.html`,
    )
    .action(async (files: string[], options: Options) => {
      const render = FORMATS[formatOf(options.format)];
      const auditor = new Auditor({ direction: directionsWith(options) });
      for (const file of files) for (const score of parseScores(await readLines(file))) auditor.add(score);
      process.stdout.write(render(auditor));
    });
}

function formatOf(format: string): keyof typeof FORMATS {
  if (Object.hasOwn(FORMATS, format)) return format as keyof typeof FORMATS;
  throw new DiscernError('USAGE', `--format: '${format}' is none of ${Object.keys(FORMATS).join(', ')}`);
}

function jsonOf(auditor: Auditor): string {
  return `${JSON.stringify(auditJson(auditor), null, 2)}\n`;
}

/** Which way a metric is better: as it declares itself, otherwise as the command line says. */
function directionsWith({ lower, neither }: Options): (metric: string) => Direction {
  return (metric) => {
    if (lower.includes(metric)) return 'lower';
    if (neither.includes(metric)) return 'neither';
    return describeMetric(metric)?.direction ?? 'higher';
  };
}
