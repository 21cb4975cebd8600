import type { ScreeningMemory } from './memory.js';
import type { Judged } from './output-constants.js';

/** Rows whose products are computed at a time. */
const FOUR = 4;

/** Single outputs of a layer in float32. */
export class ExactOutputs {
  private readonly list: Uint32Array;
  private readonly dots: Float32Array;

  constructor(
    private readonly layer: Judged,
    private readonly memory: ScreeningMemory,
  ) {
    const { at, shape, buffer } = memory;
    const outputs = shape.blocks * shape.width;
    this.list = new Uint32Array(buffer, at.list, outputs);
    this.dots = memory.floats(at.dots, outputs);
  }

  /**
   * @param r row of the tile in the slot
   * @returns (x·W_j + bias_j) · scale_j of the given outputs, rounded to float32 at each step; valid until the next call
   */
  of(slot: number, r: number, outputs: Uint32Array): Float32Array {
    const { list, dots, memory, layer } = this;
    const { kernels, at, shape } = memory;
    if (outputs.length === 0) return dots.subarray(0, 0);
    const count = Math.ceil(outputs.length / FOUR) * FOUR;
    for (let i = 0; i < outputs.length; i++) list[i] = memory.weightsOf(outputs[i]);
    list.fill(list[0], outputs.length, count);
    kernels.dots(memory.row(slot, r), shape.stride * Float32Array.BYTES_PER_ELEMENT, at.list, count, at.dots);
    for (let i = 0; i < outputs.length; i++) dots[i] = dots[i] + layer.bias[outputs[i]];
    if (layer.scale !== undefined) for (let i = 0; i < outputs.length; i++) dots[i] = dots[i] * layer.scale[outputs[i]];
    return dots.subarray(0, outputs.length);
  }
}
