import { DiscernError } from '../../errors.js';
import type { IntegerBlocks, IntegerLayer, IntegerTile } from '../screening/integer-layer.js';
import { integerProductsModel } from './onnx-graph.js';
import { reasonOf, type OnnxLayers } from './onnx-layers.js';
import type { TensorSpec, TensorSpecs } from './onnx-tensors.js';

/** Products of bytes by onnxruntime's kernels (VNNI, AMX, dot product instructions). */
export async function onnxIntegerLayer(
  layers: OnnxLayers,
  { depth, width, blocks }: IntegerBlocks,
): Promise<IntegerLayer> {
  const count = blocks.length;
  const layer = await layers.open(integerProductsModel(blocks, depth));
  return {
    async multiply({ x, products }, rows) {
      const feeds = { x: { type: 'uint8', data: x, dims: [rows, depth] } as const };
      const parts = Array.from({ length: count }, (_, block) =>
        products.subarray(block * rows * width, (block + 1) * rows * width),
      );
      const outputs = named('y', parts, (data): TensorSpec => ({ type: 'int32', data, dims: [rows, width] }));
      try {
        const result = await layer.run(feeds, outputs);
        return tileOf(result.feeds, result.outputs, count * rows * width);
      } catch (error) {
        const shape = `[${rows}, ${depth}] · [${depth}, ${count * width}]`;
        throw new DiscernError('BACKEND_FAILED', `onnxruntime: ${shape} of bytes: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: () => layer.drop(),
  };
}

/** The blocks' products lie side by side in one buffer. */
function tileOf(feeds: TensorSpecs, outputs: TensorSpecs, length: number): IntegerTile {
  const x = feeds['x'].data as Uint8Array<ArrayBuffer>;
  const { buffer } = outputs['y0'].data as Int32Array<ArrayBuffer>;
  return { x, products: new Int32Array(buffer, 0, length) };
}

function named<T>(name: string, items: readonly T[], spec: (item: T) => TensorSpec): TensorSpecs {
  return Object.fromEntries(items.map((item, i) => [`${name}${i}`, spec(item)]));
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
  const tile = { x: new Uint8Array(rows * depth).fill(255), products: new Int32Array(rows * width) };
  const { products } = await layer.multiply(tile, rows);
  await layer.close();
  return products.every((product) => product === depth * 255 * 127);
}
