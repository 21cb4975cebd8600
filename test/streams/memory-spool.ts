import { createHash } from 'node:crypto';
import type { Spool } from '../../src/log/spool.js';

/** A spool that keeps its files in memory, and says which there are. */
export class MemorySpool implements Spool {
  readonly files = new Map<string, Uint8Array[]>();
  private created = 0;

  create(): ReturnType<Spool['create']> {
    const path = `spooled-${this.created++}`;
    const pieces: Uint8Array[] = [];
    this.files.set(path, pieces);
    return Promise.resolve({
      path,
      write: (piece: Uint8Array) => {
        pieces.push(piece);
        return Promise.resolve();
      },
      finish: () => {
        const all = Buffer.concat(pieces);
        return Promise.resolve({ bytes: all.length, sha256: createHash('sha256').update(all).digest('hex') });
      },
      remove: () => {
        this.files.delete(path);
        return Promise.resolve();
      },
    });
  }

  contentOf(path: string): string {
    return Buffer.concat(this.files.get(path) ?? []).toString();
  }
}
