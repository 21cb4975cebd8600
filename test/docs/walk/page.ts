import type { Overview, PanelView } from '../../../src/web/page/protocol.js';

/** A live page, as its readers see it. */
export class Page {
  constructor(readonly url: string) {}

  async answers(path: string): Promise<boolean> {
    return (await fetch(`${this.url}${path}`)).ok;
  }

  async overview(): Promise<Overview> {
    return (await (await fetch(`${this.url}/api/state`)).json()) as Overview;
  }

  async panel(name: string): Promise<PanelView | undefined> {
    return (await this.overview()).panels.find((panel) => panel.name === name);
  }
}
