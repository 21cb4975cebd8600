import { Command } from 'commander';
import { auditCommand } from './commands/audit.js';
import { benchCommand } from './commands/bench.js';
import { deadLettersCommand } from './commands/dead-letters.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { encodeCommand } from './commands/encode.js';
import { evaluateCommand } from './commands/evaluate.js';
import { importCommand } from './commands/import.js';
import { publishCommand } from './commands/publish.js';
import { reproduceCommand } from './commands/reproduce.js';
import { serveCommand } from './commands/serve.js';
import { watchCommand } from './commands/watch.js';

const COMMANDS = [
  demoCommand,
  serveCommand,
  watchCommand,
  publishCommand,
  evaluateCommand,
  auditCommand,
  encodeCommand,
  importCommand,
  reproduceCommand,
  deadLettersCommand,
  doctorCommand,
  benchCommand,
];

/** The command line: `discern` with all of its commands. It neither exits nor reports; its errors are thrown. */
export function program(version: string): Command {
  const discern = new Command('discern')
    .description(
      'Tells, while sparse autoencoders are still training, which benchmark metrics can tell a better one from a worse one.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows what is allowed)');
  for (const command of COMMANDS) discern.addCommand(command().exitOverride().showHelpAfterError());
  return discern;
}
