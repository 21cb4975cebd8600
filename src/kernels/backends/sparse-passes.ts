import type { Candidates } from '../backend.js';
import {
  coarseMaximaKernel,
  constantKernel,
  copyKernel,
  rowLimitKernel,
  segmentFlagsKernel,
  segmentValuesKernel,
} from '../gpu/candidates.js';
import { MAXIMA_ROWS, segmentMaximaSource } from '../gpu/segment-maxima.js';
import { SEGMENT_OUTPUTS } from '../gpu/segments.js';
import { asScalars, type Resident, type ResidentKernel } from './gpu-js-kernel.js';
import type { Kernels } from './gpu-js-kernels.js';
import { asMatrix } from './gpu-js-values.js';
import type { LayerBlock } from './layer-blocks.js';
import { candidatesOf, chosenSegments, computeOrder, FLAGS_A_WORD, type ChosenSegments } from './segment-list.js';

/** Segments of one call: the dispatch of threads is bounded in each dimension. */
const CHOSEN_A_CALL = 1 << 18;

/**
 * From this share of segments on, dense outputs are fetched instead, unless they are few anyway. Every chosen segment
 * costs 16 sums, slower ones than those of the product, and 16 numbers over the bus.
 */
const DENSE_SHARE = 0.25;

export interface ResidentBlock {
  readonly weight: Resident;
  readonly finish: Resident;
  /** [cols] */
  readonly limits: Float32Array;
  /** First column of the block in the layer. */
  readonly start: number;
}

/** The kernels of a layer. All blocks have one shape and share them. */
export class SparsePasses {
  private readonly segments: number;
  private readonly copy: ResidentKernel;
  private readonly maxima: ResidentKernel;
  private readonly bins: number;
  private readonly coarse: ResidentKernel;
  private readonly limits: ResidentKernel;
  private readonly flags: ResidentKernel;
  private readonly values: ResidentKernel;

  constructor(
    private readonly kernels: Kernels,
    private readonly shape: { readonly inputs: number; readonly outputs: number; readonly rows: number },
    private readonly count: number,
  ) {
    const { inputs, outputs } = shape;
    const segments = outputs / SEGMENT_OUTPUTS;
    this.segments = segments;
    this.copy = kernels.resident(copyKernel, { output: [1, 1], loopLength: 0 });
    this.maxima = kernels.resident(segmentMaximaSource(inputs, outputs), { output: [1, 1], loopLength: inputs });
    // Eight bins for each output of interest: few of them share a bin then, and the limit is hardly too low.
    const size = Math.max(1, Math.floor(segments / Math.max(256, 8 * count)));
    this.bins = Math.ceil(segments / size);
    this.coarse = kernels.resident(coarseMaximaKernel, {
      output: [1, 1],
      constants: { segments, size },
      loopLength: size,
    });
    this.limits = kernels.resident(rowLimitKernel, {
      output: [1],
      constants: { bins: this.bins, count },
      loopLength: this.bins,
    });
    this.flags = kernels.resident(segmentFlagsKernel, {
      output: [1, 1],
      constants: { segments },
      loopLength: FLAGS_A_WORD,
    });
    this.values = kernels.resident(segmentValuesKernel, { output: [1, 1], constants: { inputs }, loopLength: inputs });
  }

  async upload({ weight, finish, start }: LayerBlock): Promise<ResidentBlock> {
    const { inputs, outputs: cols } = this.shape;
    const stay = async (data: Float32Array, rows: number): Promise<Resident> => {
      // A constant is written once, straight into memory of the device; an argument would be copied three times.
      const constants = { data: asMatrix(data, rows, cols) };
      const kernel = this.kernels.resident(constantKernel, { output: [cols, rows], constants, loopLength: 0 });
      const resident = await kernel.resident([cols, rows]);
      kernel.destroy();
      return resident;
    };
    const limits = finish.subarray(2 * cols);
    return { weight: await stay(weight, inputs), finish: await stay(finish, 3), limits, start };
  }

  /** Rows on the GPU, padded to the rows of a thread. */
  stage(x: Float32Array, rows: number): Promise<Resident> {
    const { inputs } = this.shape;
    const padded = Math.ceil(rows / MAXIMA_ROWS) * MAXIMA_ROWS;
    const given = x.subarray(0, rows * inputs);
    const data = padded === rows ? given : new Float32Array(padded * inputs);
    if (padded !== rows) data.set(given);
    return this.copy.resident([inputs, padded], asMatrix(data, padded, inputs));
  }

  async candidates(x: Resident, rows: number, block: ResidentBlock): Promise<Candidates | undefined> {
    const chosen = chosenSegments(await this.flagged(x, rows, block), rows);
    if (chosen.segments.length > Math.max(CHOSEN_A_CALL, DENSE_SHARE * this.segments * rows)) return undefined;
    const order = computeOrder(chosen, this.shape.outputs);
    const values = await this.valuesOf(chosen, order.rowOf, order.firstOf, x, block);
    return candidatesOf(chosen, order, values, block.limits);
  }

  private async flagged(x: Resident, rows: number, { weight, finish }: ResidentBlock): Promise<Float32Array> {
    const { segments } = this;
    const quads = Math.ceil(rows / MAXIMA_ROWS);
    const vectors = await this.maxima.resident([segments, quads], x, weight, finish);
    const maxima = asScalars(vectors, [segments * MAXIMA_ROWS, quads]);
    const limits = await this.rowLimits(maxima, rows);
    try {
      const words = Math.ceil(segments / FLAGS_A_WORD);
      return await this.flags.fetch([words, rows], maxima, limits);
    } finally {
      for (const resident of [vectors, maxima, limits]) resident.delete();
    }
  }

  private async rowLimits(maxima: Resident, rows: number): Promise<Resident> {
    if (this.count === 0) return this.copy.resident([rows, 1], asMatrix(new Float32Array(rows), 1, rows));
    const coarse = await this.coarse.resident([this.bins, rows], maxima);
    const limits = await this.limits.resident([rows], coarse);
    coarse.delete();
    return limits;
  }

  private async valuesOf(
    { segments }: ChosenSegments,
    rowOf: Float32Array,
    firstOf: Float32Array,
    x: Resident,
    { weight, finish }: ResidentBlock,
  ): Promise<Float32Array> {
    const values = new Float32Array(segments.length * SEGMENT_OUTPUTS);
    for (let start = 0; start < segments.length; start += CHOSEN_A_CALL) {
      const end = Math.min(start + CHOSEN_A_CALL, segments.length);
      const list = (of: Float32Array) => asMatrix(of.subarray(start, end), 1, end - start);
      const size = [SEGMENT_OUTPUTS, end - start];
      const found = await this.values.fetch(size, x, weight, finish, list(rowOf), list(firstOf));
      values.set(found, start * SEGMENT_OUTPUTS);
    }
    return values;
  }

  destroy(): void {
    for (const kernel of [this.copy, this.maxima, this.coarse, this.limits, this.flags, this.values]) kernel.destroy();
  }
}
