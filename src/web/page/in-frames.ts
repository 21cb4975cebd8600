/** So long a frame's part of the work may take, up to its last step: what a person does is then answered within the next. */
const FRAME_MS = 12;

/** So long after an input updates wait: until its answer was not only drawn but shown, they would compete with it. */
const HOLD_MS = 150;

/** So long what an answer did not draw at first waits, for the same reason: a frame until it is shown, and one to spare. */
const SHOWN_MS = 32;

/** A step that yields this is the last of its frame: what it drew costs most after the frame's scripts have run. */
export const FRAME_FULL = Symbol('the frame is full');

/**
 * Draws in steps, as many a frame as there is time for. Asked for again, it begins anew: steps of which nothing has
 * changed must take no time.
 */
export class InFrames {
  private steps: Iterator<unknown> | undefined;
  private awaited = false;
  private heldUntil = 0;
  private answering = false;

  /**
   * @param nextFrame calls what it is given with the next frame
   * @param inputWaits whether a person has done something that the page was not yet told of
   */
  constructor(
    private readonly draw: () => Iterator<unknown>,
    private readonly nextFrame: (draw: () => void) => unknown,
    private readonly inputWaits: () => boolean = () => false,
  ) {}

  /** Draws from the next frame on, or once drawing is no longer held back. */
  request(): void {
    this.steps = undefined;
    this.await();
  }

  /** Leaves the next frames to what a person has just done. More of it does not prolong that: updates are shown, too. */
  holdBack(): void {
    const now = performance.now();
    if (now >= this.heldUntil) this.heldUntil = now + HOLD_MS;
  }

  /** Draws what a person asked for, with the next frame in any case. */
  answer(): void {
    this.heldUntil = 0;
    this.answering = true;
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
    if (performance.now() < this.heldUntil || this.inputWaits()) {
      this.await();
      return;
    }
    const { answering } = this;
    this.answering = false;
    if (this.finish((this.steps ??= this.draw()))) return;
    if (answering) this.heldUntil = performance.now() + SHOWN_MS;
    this.await();
  }

  /** @returns whether there was time for all of it */
  private finish(steps: Iterator<unknown>): boolean {
    const end = performance.now() + FRAME_MS;
    do {
      const step = steps.next();
      if (step.done === true) return true;
      if (step.value === FRAME_FULL) return false;
    } while (performance.now() < end && !this.inputWaits());
    return false;
  }
}
