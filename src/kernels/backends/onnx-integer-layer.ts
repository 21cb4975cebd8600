import { DiscernError } from '../../errors.js';
import type { IntegerBlocks, IntegerLayer } from '../screening/integer-layer.js';
import { integerProductsModel } from './onnx-graph.js';
import { reasonOf, type OnnxLayers } from './onnx-layers.js';

/** Products of bytes by onnxruntime's kernels (VNNI, AMX, dot product instructions). */
export async function onnxIntegerLayer(
  layers: OnnxLayers,
  { depth, width, blocks }: IntegerBlocks,
): Promise<IntegerLayer> {
  const layer = await layers.openBytes(integerProductsModel(blocks, depth), {
    depth,
    width,
    blocks: blocks.length,
  });
  return {
    async multiply(tile) {
      try {
        await layer.multiply(tile);
      } catch (error) {
        const shape = `[${tile.rows}, ${depth}] · [${depth}, ${blocks.length * width}]`;
        throw new DiscernError('BACKEND_FAILED', `onnxruntime: ${shape} of bytes: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: () => layer.drop(),
  };
}

/**
 * Why products of bytes cannot bound anything here; undefined: they are exact. On x86 without VNNI, onnxruntime adds pairs of
 * them in 16 bits, which clip (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "S8S8 vs.
 * U8U8").
 */
export async function whyNoByteProducts(layers: OnnxLayers): Promise<string | undefined> {
  try {
    return (await multipliesExactly(layers)) ? undefined : 'this CPU clips them';
  } catch (error) {
    return reasonOf(error);
  }
}

async function multipliesExactly(layers: OnnxLayers): Promise<boolean> {
  const [rows, depth, width] = [8, 64, 64];
  const blocks = [new Int8Array(depth * width).fill(127)];
  const layer = await onnxIntegerLayer(layers, { depth, width, blocks });
  const x = new Uint8Array(new SharedArrayBuffer(rows * depth)).fill(255);
  const products = new Int32Array(new SharedArrayBuffer(rows * width * Int32Array.BYTES_PER_ELEMENT));
  await layer.multiply({ rows, x, products });
  await layer.close();
  return products.every((product) => product === depth * 255 * 127);
}
