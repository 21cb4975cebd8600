/** Values derived from two versioned sources, each computed again when either has changed. */
export class VersionedCache<K, V> {
  private readonly entries = new Map<K, { readonly left: number; readonly right: number; readonly value: V }>();

  get(key: K, left: number, right: number, compute: () => V): V {
    const held = this.entries.get(key);
    if (held?.left === left && held.right === right) return held.value;
    const value = compute();
    this.entries.set(key, { left, right, value });
    return value;
  }
}
