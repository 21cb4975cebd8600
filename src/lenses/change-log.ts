/** What changed when: items with the version that the latest change of each led to. */
export class ChangeLog<T> {
  private readonly places = new Map<T, number>();
  private readonly items: T[] = [];
  private readonly versions: number[] = [];

  note(item: T, version: number): void {
    let place = this.places.get(item);
    if (place === undefined) {
      this.places.set(item, (place = this.items.length));
      this.items.push(item);
    }
    this.versions[place] = version;
  }

  /** What has changed since a former version. */
  since(version: number): readonly T[] {
    const { items, versions } = this;
    const found: T[] = [];
    for (let i = 0; i < versions.length; i++) if (versions[i] > version) found.push(items[i]);
    return found;
  }
}
