import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Walk } from './walk.js';

/** Variables before docker compose are those that its file asks for. */
export async function setsWhatComposeAsksFor(command: string, walk: Walk): Promise<void> {
  const [, variables, file] = /^(.*?) docker compose -f (\S+) up --build$/.exec(command)!;
  const compose = await readFile(walk.at(file), 'utf8');
  const asked = new Set([...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));
  const set = variables.split(' ').map((assignment) => assignment.split('=', 1)[0]);
  if ([...asked].sort().join() !== set.sort().join())
    throw new Error(`${file} asks for ${[...asked].join(', ')}, and not for ${set.join(', ')}`);
}

/** The namespace, and each secret with its keys, are those that the manifests name; what is applied is a kustomization. */
export async function isKnownToManifests(command: string, walk: Walk): Promise<void> {
  const applied = /^kubectl apply -k (\S+)$/.exec(command);
  if (applied !== null) {
    const { kind } = parse(await readFile(walk.at(`${applied[1]}/kustomization.yaml`), 'utf8')) as { kind: string };
    if (kind !== 'Kustomization') throw new Error(`${applied[1]} is no kustomization`);
    return;
  }
  const [, name] = /create (?:namespace|secret generic) (\S+)/.exec(command)!;
  const keys = [...command.matchAll(/--from-(?:literal|file)=([\w.]+)/g)].map(([, key]) => key);
  const manifests = await textOf(walk.at('deploy/kubernetes'));
  for (const word of [name, ...keys])
    if (!new RegExp(`[\\s:/]${word.replaceAll('.', '\\.')}\\b`).test(manifests))
      throw new Error(`no manifest names ${word}`);
}

/** What is in the files of a folder, without comments. */
async function textOf(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('\n').replaceAll(/(^|\s)#.*$/gm, '');
}
