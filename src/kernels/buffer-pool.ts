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

/** Memory for the results of a layer: each stays untouched until the `count`-th result after it. */
export class RecentBuffers {
  private readonly pool = new BufferPool();
  private readonly recent: ArrayBuffer[] = [];

  constructor(private readonly count: number) {}

  take(bytes: number): ArrayBuffer {
    return this.pool.take(bytes);
  }

  /** This result is the caller's now, and so are the last ones before it. */
  give(buffer: ArrayBuffer): void {
    this.recent.push(buffer);
    if (this.recent.length > this.count) this.pool.give(this.recent.shift()!);
  }
}
