/** So long a frame's part of the work may take, up to its last step: what a person does is then answered within the next. */
const FRAME_MS = 12;

/** A step that yields this is the last of its frame: what it drew costs most after the frame's scripts have run. */
export const FRAME_FULL = Symbol('the frame is full');

/**
 * Draws in steps, as many a frame as there is time for. Asked for again, it begins anew: steps of which nothing has
 * changed must take no time.
 */
export class InFrames {
  private steps: Iterator<unknown> | undefined;
  private awaited = false;
  private heldBack = false;

  /** @param nextFrame calls what it is given with the next frame */
  constructor(
    private readonly draw: () => Iterator<unknown>,
    private readonly nextFrame: (draw: () => void) => unknown,
  ) {}

  /** Draws from the next frame on, or from the one after where that is held back. */
  request(): void {
    this.steps = undefined;
    this.await();
  }

  /** Leaves the next frame to what a person has just done. */
  holdBack(): void {
    this.heldBack = true;
    this.await();
  }

  /** Draws what a person asked for, with the next frame in any case. */
  answer(): void {
    this.heldBack = false;
    this.request();
  }

  private await(): void {
    if (this.awaited) return;
    this.awaited = true;
    this.nextFrame(() => {
      this.awaited = false;
      this.drawFrame();
    });
  }

  private drawFrame(): void {
    if (this.heldBack) {
      this.heldBack = false;
      this.await();
    } else if (!this.finish((this.steps ??= this.draw()))) this.await();
  }

  /** @returns whether there was time for all of it */
  private finish(steps: Iterator<unknown>): boolean {
    const end = performance.now() + FRAME_MS;
    do {
      const step = steps.next();
      if (step.done === true) return true;
      if (step.value === FRAME_FULL) return false;
    } while (performance.now() < end);
    return false;
  }
}
