import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../docs/code-blocks.js';

/** Licences that ask for no more than to be named. */
const PERMISSIVE = ['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', 'CC0-1.0', '(MIT OR CC0-1.0)', '0BSD', 'BSD-2-Clause'];

describe('docs/licences.md', () => {
  it('is current', () => {
    expect(() => execFileSync(process.execPath, ['scripts/licences.js', '--check'], { cwd: ROOT })).not.toThrow();
  });

  it('has permissive licences only', () => {
    const page = readFileSync(join(ROOT, 'docs/licences.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (\S+) +\| (\d\S*) +\| (.+?) +\|$/gm)];
    expect(rows.length).toBeGreaterThan(50);
    for (const [, name, , licence] of rows) expect([name, PERMISSIVE.includes(licence)]).toEqual([name, true]);
  });
});
