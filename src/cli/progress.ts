import { SingleBar } from 'cli-progress';

/** Shows how far a piece of work is. */
export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** A bar on a terminal, nothing elsewhere: what a script reads is on stdout alone. */
export function createProgress(label: string): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} · {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  return {
    update(done, total) {
      if (!started) bar.start(total, done);
      started = true;
      bar.update(done);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
