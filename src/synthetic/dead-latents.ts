import type { RowCodes } from './backward.js';
import { kthLargest } from './largest.js';

/** Which latents have not fired for a while, and what the auxiliary loss of SAELens 6.54 (`topk_sae.py`) does with them. */
export class DeadLatents {
  private readonly stepsSinceFired: Uint32Array;
  private readonly strongestIndices: Uint32Array;
  private readonly scratch: Float32Array;
  private dead: number[] = [];

  /** @param most at most this many dead latents are trained in a row; SAELens: d_in / 2 */
  constructor(
    latents: number,
    private readonly deadAfterSteps: number,
    private readonly most: number,
  ) {
    this.stepsSinceFired = new Uint32Array(latents);
    this.strongestIndices = new Uint32Array(latents);
    this.scratch = new Float32Array(latents);
  }

  /** Dead latents in ascending order. */
  get latents(): readonly number[] {
    return this.dead;
  }

  /** Factor on the auxiliary loss: smaller when few latents are dead. */
  get lossScale(): number {
    return Math.min(this.dead.length / this.most, 1);
  }

  /** Counts one more step. @param fired latents that fired in its batch, in any order and number */
  update(fired: Uint32Array): void {
    for (let latent = 0; latent < this.stepsSinceFired.length; latent++) this.stepsSinceFired[latent]++;
    for (const latent of fired) this.stepsSinceFired[latent] = 0;
    this.dead = [];
    for (let latent = 0; latent < this.stepsSinceFired.length; latent++)
      if (this.stepsSinceFired[latent] > this.deadAfterSteps) this.dead.push(latent);
  }

  /** The dead latents with the largest pre · ‖W_dec‖ of a row; valid until the next call. */
  strongest(pre: Float32Array, norms: Float32Array): RowCodes {
    const { dead, scratch, strongestIndices: indices } = this;
    dead.forEach((latent, at) => (scratch[at] = pre[latent] * norms[latent]));
    const cut = dead.length > this.most ? kthLargest(scratch, dead.length, this.most) : -Infinity;
    let count = 0;
    for (const latent of dead)
      if (count < this.most && Math.fround(pre[latent] * norms[latent]) >= cut) indices[count++] = latent;
    return { indices, from: 0, to: count };
  }
}
