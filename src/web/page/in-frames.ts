/** So long a frame's part of the work may take, up to its last step: what a person does is then answered within the next. */
const FRAME_MS = 12;

/**
 * Draws in steps, as many a frame as there is time for. Asked for again, it begins anew: steps of which nothing has
 * changed must take no time.
 */
export class InFrames {
  private steps: Iterator<unknown> | undefined;
  private awaited = false;

  /** @param nextFrame calls what it is given with the next frame */
  constructor(
    private readonly draw: () => Iterator<unknown>,
    private readonly nextFrame: (draw: () => void) => unknown,
  ) {}

  /** Draws from the next frame on. */
  request(): void {
    this.steps = undefined;
    this.await();
  }

  private await(): void {
    if (this.awaited) return;
    this.awaited = true;
    this.nextFrame(() => {
      this.awaited = false;
      if (!this.finish((this.steps ??= this.draw()))) this.await();
    });
  }

  /** @returns whether there was time for all of it */
  private finish(steps: Iterator<unknown>): boolean {
    const end = performance.now() + FRAME_MS;
    do if (steps.next().done === true) return true;
    while (performance.now() < end);
    return false;
  }
}
