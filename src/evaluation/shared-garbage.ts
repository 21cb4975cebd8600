import { collectGarbage } from '../collect-garbage.js';

/**
 * A full collection takes some 10 ms of a thread, and V8 drops the compiled code of classes that have no instances just then:
 * what only runs while a checkpoint is in work is compiled again for the next. So much shared memory must be worth it.
 */
const WORTH_COLLECTING_BYTES = 256 * 1024 ** 2;

/** Keeps account of the shared memory that this thread has been given and has let go of. */
export class SharedGarbage {
  private readonly given = new Map<number, number>();
  private lying = 0;

  constructor(private readonly collect: () => void = collectGarbage) {}

  /** @param id what the memory belongs to; @param value holds it, at any depth */
  take(id: number, value: unknown): void {
    this.given.set(id, (this.given.get(id) ?? 0) + sharedBytes(value));
  }

  /** Nothing of `id` is referred to any more. Frees it now or, when that is not worth it yet, with what follows. */
  letGo(id: number): void {
    const bytes = this.given.get(id) ?? 0;
    this.given.delete(id);
    this.leave(bytes);
  }

  /** The same of memory that it was not told of. */
  leave(bytes: number): void {
    this.lying += bytes;
    if (this.lying < WORTH_COLLECTING_BYTES) return;
    this.lying = 0;
    this.collect();
  }
}

/** Bytes of the shared memory that a value holds, at any depth. */
export function sharedBytes(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? value.byteLength : 0;
  if (typeof value !== 'object' || value === null) return 0;
  const parts: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.reduce((sum: number, part) => sum + sharedBytes(part), 0);
}
