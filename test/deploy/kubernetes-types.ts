import { dirname, join } from 'node:path';
import ts from 'typescript';
import { at } from './files.js';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The packages that have the types of an API group. */
const PACKAGES: readonly (readonly [group: RegExp, from: string])[] = [
  [/^keda\.sh\//, '@kubernetes-models/keda'],
  [/^monitoring\.coreos\.com\//, '@kubernetes-models/prometheus-operator'],
  [/./, 'kubernetes-models'],
];

/** The module that has the class of a manifest's kind. */
export function moduleOf({ apiVersion }: Manifest): string {
  const from = PACKAGES.find(([group]) => group.test(apiVersion))![1];
  return `${from}/${apiVersion}`;
}

/**
 * What the compiler says of manifests as literals of their kinds' types: wrong types, missing keys, and keys that there
 * are none of, which Kubernetes' own schemas let pass.
 */
export function typeErrors(manifests: readonly Manifest[]): string[] {
  const lines = manifests.flatMap((manifest, i) => [
    `import type { I${manifest.kind} as Kind${i} } from '${moduleOf(manifest)}';`,
    `export const manifest${i}: Kind${i} = ${JSON.stringify(manifest)};`,
  ]);
  const file = join(dirname(at('test/deploy/x')), 'manifests.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const files = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...files,
    fileExists: (name) => name === file || files.fileExists(name),
    getSourceFile: (name, ...others) =>
      name === file
        ? ts.createSourceFile(name, lines.join('\n'), ts.ScriptTarget.ES2022)
        : files.getSourceFile(name, ...others),
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
