import { applyUpdate } from './apply-update.js';
import type { MetricDetails, MetricView, Overview, Update } from './protocol.js';

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'locked';

export interface ConnectionListener {
  readonly onOverview: (overview: Overview) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** Follows the server's events; the browser connects again by itself after a break. */
export class Connection {
  private source: EventSource | undefined;
  private overview: Overview | undefined;

  constructor(private readonly listener: ConnectionListener) {}

  open(): void {
    this.source?.close();
    this.listener.onState('connecting');
    const source = new EventSource('/api/events');
    source.addEventListener('snapshot', ({ data }: MessageEvent<string>) => this.show(JSON.parse(data) as Overview));
    source.addEventListener('update', ({ data }: MessageEvent<string>) => {
      if (this.overview !== undefined) this.show(applyUpdate(this.overview, JSON.parse(data) as Update));
    });
    source.addEventListener('error', () => void this.onError(source));
    this.source = source;
  }

  private show(overview: Overview): void {
    this.overview = overview;
    this.listener.onState('live');
    this.listener.onOverview(overview);
  }

  /** An event stream does not tell why it failed: another request does. */
  private async onError(source: EventSource): Promise<void> {
    this.listener.onState('lost');
    if (source.readyState !== EventSource.CLOSED) return;
    const status = await fetch('/api/state', { method: 'HEAD' }).then(
      (response) => response.status,
      () => undefined,
    );
    if (status === 401) this.listener.onState('locked');
    else setTimeout(() => this.open(), 5000);
  }
}

/** Trades the token for a session cookie. */
export async function signIn(token: string): Promise<boolean> {
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return response.ok;
}

/** Curves of a metric; undefined when it has just gone. */
export async function fetchDetails(panel: string, { metric, param }: MetricView): Promise<MetricDetails | undefined> {
  const query = new URLSearchParams({ panel, metric, param });
  const response = await fetch(`/api/metric?${query.toString()}`);
  return response.ok ? ((await response.json()) as MetricDetails) : undefined;
}
