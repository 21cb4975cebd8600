import type { IntegerTile } from '../screening/integer-layer.js';
import type { OnnxRuntime, Session } from './onnxruntime-module.js';
import { release } from './release.js';

export interface ByteProductsShape {
  readonly depth: number;
  /** Columns of a block. */
  readonly width: number;
  readonly blocks: number;
}

/**
 * Multiplies tiles of bytes by a session of `integerProductsModel`. Tiles lie in memory that threads share, which
 * onnxruntime-node refuses; so they are copied. Lending buffers to this thread instead makes V8 collect the garbage of both
 * threads, whole, about once a tile: it takes each buffer that comes back for one that was allocated.
 */
export class OnnxByteProducts {
  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: Session,
    private readonly shape: ByteProductsShape,
  ) {}

  async multiply({ rows, x, products }: IntegerTile): Promise<void> {
    const { depth, width, blocks } = this.shape;
    // A slice is not shared.
    const copy = new this.runtime.Tensor('uint8', x.slice(), [rows, depth]);
    const outputs = await this.session.run({ x: copy });
    for (let block = 0; block < blocks; block++) {
      const { data } = outputs[`y${block}`];
      products.set(data as Int32Array, block * rows * width);
      free(data);
    }
    free(copy.data);
  }
}

function free({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer) release(buffer);
}
