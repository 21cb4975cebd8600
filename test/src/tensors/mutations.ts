import fc from 'fast-check';

/** A way to damage bytes: some are overwritten, some cut out, the end cut off, or something put in. */
export type Mutation =
  | { readonly kind: 'overwrite'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly at: number };

/** Mutations of a file of `length` bytes, half of them within the given places, where its descriptions are. */
export function mutations(
  length: number,
  places: readonly (readonly [from: number, to: number])[],
): fc.Arbitrary<Mutation[]> {
  const at = fc.oneof(fc.nat(length - 1), ...places.map(([from, to]) => fc.integer({ min: from, max: to - 1 })));
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc
      .constantFrom('9', '-1', '1152921504606846976', '[', '}', '"', 'NaN', 'F64', '\u0000')
      .map((text) => new TextEncoder().encode(text)),
  );
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('overwrite' as const), at, bytes }),
    fc.record({ kind: fc.constant('remove' as const), at, count: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes }),
    fc.record({ kind: fc.constant('truncate' as const), at }),
  );
  return fc.array(mutation, { minLength: 1, maxLength: 3 });
}

export function mutate(original: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  return changes.reduce(apply, original);
}

function apply(bytes: Uint8Array, change: Mutation): Uint8Array {
  const head = bytes.slice(0, change.at);
  switch (change.kind) {
    case 'truncate':
      return head;
    case 'remove':
      return joined(head, bytes.slice(change.at + change.count));
    case 'insert':
      return joined(head, change.bytes, bytes.slice(change.at));
    case 'overwrite':
      return joined(head, change.bytes, bytes.slice(change.at + change.bytes.length));
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
