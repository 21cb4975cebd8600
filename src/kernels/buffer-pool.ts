/** Memory that is lent to another thread and comes back. */
export class BufferPool {
  private readonly free: ArrayBuffer[] = [];

  take(bytes: number): ArrayBuffer {
    const at = this.free.findIndex((buffer) => buffer.byteLength >= bytes);
    return at < 0 ? new ArrayBuffer(bytes) : this.free.splice(at, 1)[0];
  }

  give(buffer: ArrayBufferLike): void {
    if (buffer instanceof ArrayBuffer) this.free.push(buffer);
  }

  clear(): void {
    this.free.length = 0;
  }
}

/** Memory for the results of a layer: each stays untouched until the next call but one. */
export class AlternatingBuffers {
  private readonly pool = new BufferPool();
  private last: ArrayBuffer | undefined;

  take(bytes: number): ArrayBuffer {
    return this.pool.take(bytes);
  }

  /** This result is the caller's now, and so is the one before; that before those can be written again. */
  give(buffer: ArrayBuffer): void {
    if (this.last !== undefined) this.pool.give(this.last);
    this.last = buffer;
  }
}
