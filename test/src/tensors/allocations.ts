/** The constructors that take memory by a number of bytes or elements. */
const CONSTRUCTORS = ['SharedArrayBuffer', 'ArrayBuffer', 'Uint8Array', 'Float32Array'] as const;

/**
 * Runs something and tells the largest amount of memory that was asked for in one piece, in bytes or elements, by code
 * that allocates by number.
 */
export async function largestAllocation(run: () => Promise<void>): Promise<number> {
  let largest = 0;
  const originals = CONSTRUCTORS.map((name) => [name, globalThis[name]] as const);
  for (const [name, original] of originals)
    Object.defineProperty(globalThis, name, {
      configurable: true,
      writable: true,
      value: new Proxy(original, {
        construct: (target, args: unknown[], newTarget) => {
          if (typeof args[0] === 'number') largest = Math.max(largest, args[0]);
          return Reflect.construct(target, args, newTarget) as object;
        },
      }),
    });
  try {
    await run();
  } finally {
    for (const [name, original] of originals)
      Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: original });
  }
  return largest;
}
