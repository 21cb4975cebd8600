import { DiscernError } from '../../errors.js';
import type { IntegerProduct } from '../screening/integer-product.js';
import { integerProductsModel } from './onnx-graph.js';
import { reasonOf, type OnnxSessions } from './onnx-sessions.js';

/** Products of bytes by onnxruntime's kernels (VNNI, AMX, dot product instructions). */
export function onnxIntegerProduct(sessions: OnnxSessions): IntegerProduct {
  return async (x, rows, { depth, width, blocks }, out) => {
    const weights = blocks.map((block, i) => [`weight${i}`, sessions.tensor('int8', block, [depth, width])] as const);
    const products = out.map((product, i) => [`y${i}`, sessions.tensor('int32', product, [rows, width])] as const);
    const feeds = { x: sessions.tensor('uint8', x, [rows, depth]), ...Object.fromEntries(weights) };
    try {
      const session = await sessions.of(() => integerProductsModel(blocks.length));
      await session.run(feeds, Object.fromEntries(products));
    } catch (error) {
      throw new DiscernError(
        'BACKEND_FAILED',
        `onnxruntime: [${rows}, ${depth}] · [${depth}, ${blocks.length * width}] of bytes: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  };
}

/**
 * Whether products of bytes are exact here. On x86 without VNNI, onnxruntime adds pairs of them in 16 bits, which clip
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "S8S8 vs. U8U8"): such a product bounds
 * nothing.
 */
export async function isExact(multiply: IntegerProduct): Promise<boolean> {
  const [rows, depth, width] = [8, 64, 64];
  const out = new Int32Array(rows * width);
  const blocks = [new Int8Array(depth * width).fill(127)];
  await multiply(new Uint8Array(rows * depth).fill(255), rows, { depth, width, blocks }, [out]);
  return out.every((product) => product === depth * 255 * 127);
}
