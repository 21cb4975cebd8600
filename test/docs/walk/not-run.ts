import { readFile } from 'node:fs/promises';
import { runTool } from '../../tool.js';
import { isKnownToManifests, setsWhatComposeAsksFor } from './deployment.js';
import { readsArguments } from './python.js';
import type { Walk } from './walk.js';

/** A command of the documents that no test can run, and what checks it instead. */
export interface NotRun {
  readonly command: RegExp;
  /** Why it cannot be run. */
  readonly because: string;
  /** Programs beyond Node that the check takes. */
  readonly tools?: readonly string[];
  check(command: string, walk: Walk): Promise<unknown>;
}

export const NOT_RUN: readonly NotRun[] = [
  {
    command: /^npm (ci|test|run lint|run types)$/,
    because: 'installs over what runs, or would run itself',
    check: isStepOfCi,
  },
  {
    command: /^bash \.ci\/run$/,
    because: 'runs this test',
    check: (_, walk) => runTool('bash', ['-n', walk.at('.ci/run')]),
  },
  {
    command: /^pip install /,
    because: 'fetches packages, with [bundle] some gigabytes; python/scripts/check installs the same folder',
    check: isPackageWithExtra,
  },
  {
    command: /^discern-bundle build /,
    because: 'runs a language model, by PyTorch; python/scripts/slow does so with a tiny one',
    tools: ['python3', 'pip3'],
    check: readsArguments,
  },
  {
    command: /^(\w+=\S+ )+docker compose /,
    because: 'needs a container engine; test/deploy checks the files',
    check: setsWhatComposeAsksFor,
  },
  {
    command: /^kubectl /,
    because: 'needs a cluster; test/deploy checks the manifests',
    check: isKnownToManifests,
  },
];

async function isStepOfCi(command: string, walk: Walk): Promise<void> {
  const steps = (await readFile(walk.at('.ci/run'), 'utf8')).replaceAll(' --silent', '').split('\n');
  if (!steps.some((step) => step === command || step.startsWith(`${command} `)))
    throw new Error(`.ci/run has no step ${command}`);
}

async function isPackageWithExtra(command: string, walk: Walk): Promise<void> {
  const [, folder, extra = ''] = /^pip install '?([^'[]+)(?:\[(\w+)\])?'?$/.exec(command)!;
  const project = await readFile(walk.at(`${folder}/pyproject.toml`), 'utf8');
  if (extra !== '' && !project.includes(`\n${extra} = [`)) throw new Error(`${folder} has no extra ${extra}`);
}
