/** Something that changes, and counts how often. */
interface Versioned {
  readonly version: number;
}

interface Entry<V> {
  readonly left: number;
  readonly right: number;
  readonly value: V;
}

/** Values derived from two sources each, computed again when either has changed. */
export class VersionedCache<K, S extends Versioned, V> {
  private readonly entries = new Map<K, Entry<V>>();

  constructor(private readonly compute: (left: S, right: S, key: K) => V) {}

  get(key: K, left: S, right: S): V {
    const held = this.entries.get(key);
    if (held?.left === left.version && held.right === right.version) return held.value;
    const entry = { left: left.version, right: right.version, value: this.compute(left, right, key) };
    this.entries.set(key, entry);
    return entry.value;
  }
}
