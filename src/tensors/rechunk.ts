/** Leaves out the first `count` bytes. */
export async function* skip(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of chunks) {
    const dropped = Math.min(left, chunk.length);
    left -= dropped;
    if (dropped < chunk.length) yield chunk.subarray(dropped);
  }
}

/**
 * Cuts a stream of bytes anew: chunks of `size` bytes, the last one shorter, of at most `total` bytes in all. All are
 * views of one buffer from its start, so each is valid until the next.
 */
export async function* rechunk(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  total: number,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(size, total));
  let left = total;
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length && left > 0;) {
      const part = chunk.subarray(at, at + Math.min(buffer.length - filled, left));
      buffer.set(part, filled);
      filled += part.length;
      at += part.length;
      left -= part.length;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
    if (left === 0) break;
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
