import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '../../kafka/python.js';
import type { Walk } from './walk.js';

const STAND_INS = fileURLToPath(new URL('../python/', import.meta.url));

/** Runs a Python program in the clone, with this project's package and the stand-ins beside this test; what it prints. */
export async function runPython(program: string, walk: Walk, args = ''): Promise<string> {
  await walk.write('block.py', program);
  const env = await environment();
  const paths = { ...env, PYTHONPATH: `${STAND_INS}${delimiter}${env['PYTHONPATH'] ?? ''}` };
  const { code, running } = await walk.run(`python3 block.py ${args}`, paths);
  if (code !== 0) throw running.failure(`ended with code ${code}\n${program}`);
  return running.screen;
}

/** discern-bundle understands the arguments. Its work takes PyTorch; its command line does not. */
export async function readsArguments(command: string, walk: Walk): Promise<void> {
  const program = 'import sys\nfrom discern_publish.bundle.cli import _parser\n_parser().parse_args(sys.argv[1:])\n';
  await runPython(program, walk, command.replace(/^discern-bundle /, ''));
}
