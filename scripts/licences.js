// Writes docs/licences.md: every package that an installed Discern may bring along, with its licence, as `npm sbom` reads them
// from package-lock.json. `--check` says instead whether the file is current. Plain JavaScript, like everything in scripts/.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'docs/licences.md');

const current = page(components());
if (!process.argv.includes('--check')) {
  writeFileSync(file, current);
} else if (readFileSync(file, 'utf8') !== current) {
  console.error('docs/licences.md is not current: run `npm run licences`');
  process.exit(1);
}

function components() {
  const args = ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const text = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  });
  return JSON.parse(text).components.map(({ name, version, licenses = [] }) => ({
    name,
    version,
    licence:
      licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(' AND ') ||
      'none stated',
  }));
}

function page(packages) {
  const rows = [
    ...new Set(packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`)),
  ].sort();
  const counts = new Map();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const summary = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([licence, count]) => `${licence}: ${count}`);
  return `# Licences

Discern itself is under the MIT licence. This is what it brings along when it is installed: all dependencies that are not only
for development, with those of other platforms. Made by \`npm run licences\` from \`package-lock.json\`; a test holds it to that.
\`npm sbom --omit dev --sbom-format cyclonedx\` prints the same as a software bill of materials.

${summary.join(' · ')}

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}
`;
}
