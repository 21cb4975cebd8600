import { compile, instantiate, type WasmInstance } from '../wasm/instantiate.js';
import { WASM } from './wasm/logistic-wasm.js';

/** What `wasm/logistic.wat` exports; arguments are byte offsets and counts. */
interface LogisticFunctions {
  move(
    x: number,
    signs: number,
    curvatures: number,
    residuals: number,
    weights: number,
    intercept: number,
    columns: number,
    rows: number,
  ): number;
  project(x: number, vector: number, out: number, columns: number, rows: number): void;
  curve(
    x: number,
    curvatures: number,
    scratch: number,
    hessian: number,
    cross: number,
    columns: number,
    rows: number,
  ): number;
  isStale(curvatures: number, before: number, share: number, rows: number): number;
}

/** Rows that are worked on at a time: row counts are filled up to a multiple of it. */
const ROWS_AT_ONCE = 4;
const BYTES = 8;
const NOT_TAKEN = 'nobody has taken the workspace over';

/** Where the arrays of a design stand in the memory of the kernel. */
export interface WorkspaceArrays {
  /** [columns, rows], column after column; rows filled up */
  readonly x: Float64Array;
  /** [rows] ±1; 0 for the rows that fill up */
  readonly signs: Float64Array;
  readonly curvatures: Float64Array;
  /** `curvatures` at the last `curve` */
  readonly curvedAt: Float64Array;
  readonly residuals: Float64Array;
  readonly scratch: Float64Array;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly cross: Float64Array;
  /** [columns, columns], its lower triangle */
  readonly hessian: Float64Array;
}

/**
 * The memory of this thread's kernel for log-losses. One design is in it at a time: whoever wants to compute takes it
 * over and writes its own, which costs less than a step.
 */
class LogisticWorkspace {
  private readonly module = compile(WASM);
  private instance: WasmInstance<LogisticFunctions> | undefined;
  private owner: object | undefined;
  private arrays: WorkspaceArrays | undefined;

  isOwnedBy(owner: object): boolean {
    return this.owner === owner;
  }

  /** Makes room for a design of this size, all zero. */
  takeOver(owner: object, columns: number, rows: number): WorkspaceArrays {
    const padded = Math.ceil(rows / ROWS_AT_ONCE) * ROWS_AT_ONCE;
    const lengths = [
      columns * padded,
      padded,
      padded,
      padded,
      padded,
      padded,
      columns,
      columns,
      columns,
      columns * columns,
    ];
    // Every array begins at a multiple of 16 bytes.
    const starts = [0];
    for (const length of lengths) starts.push(starts[starts.length - 1] + length + (length % 2));
    const memory = this.memoryOf(starts[lengths.length] * BYTES);
    const view = (i: number): Float64Array => new Float64Array(memory, starts[i] * BYTES, lengths[i]);
    new Float64Array(memory, 0, starts[lengths.length]).fill(0);
    this.owner = owner;
    this.arrays = {
      x: view(0),
      signs: view(1),
      curvatures: view(2),
      curvedAt: view(3),
      residuals: view(4),
      scratch: view(5),
      weights: view(6),
      gradient: view(7),
      cross: view(8),
      hessian: view(9),
    };
    return this.arrays;
  }

  /** Stays as large as the largest design. */
  private memoryOf(bytes: number): ArrayBuffer {
    if (this.instance === undefined || this.instance.memory.byteLength < bytes)
      this.instance = instantiate<LogisticFunctions>(this.module, bytes);
    return this.instance.memory;
  }

  private get kernel(): LogisticFunctions {
    if (this.instance === undefined) throw new RangeError(NOT_TAKEN);
    return this.instance.functions;
  }

  /** The arrays of the owner. */
  get current(): WorkspaceArrays {
    if (this.arrays === undefined) throw new RangeError(NOT_TAKEN);
    return this.arrays;
  }

  /**
   * Moves to the weights in `weights`: sets `curvatures`, `residuals` and `gradient`.
   *
   * @returns the sum of the residuals
   */
  move(intercept: number): number {
    const { x, signs, curvatures, residuals, weights, gradient } = this.current;
    const [columns, rows] = [weights.length, signs.length];
    const sum = this.kernel.move(
      x.byteOffset,
      signs.byteOffset,
      curvatures.byteOffset,
      residuals.byteOffset,
      weights.byteOffset,
      intercept,
      columns,
      rows,
    );
    this.kernel.project(x.byteOffset, residuals.byteOffset, gradient.byteOffset, columns, rows);
    return sum;
  }

  /**
   * Sets `hessian`, `cross` and `curvedAt` from `curvatures`.
   *
   * @returns the sum of the curvatures
   */
  curve(): number {
    const { x, signs, curvatures, curvedAt, scratch, hessian, cross, weights } = this.current;
    curvedAt.set(curvatures);
    return this.kernel.curve(
      x.byteOffset,
      curvatures.byteOffset,
      scratch.byteOffset,
      hessian.byteOffset,
      cross.byteOffset,
      weights.length,
      signs.length,
    );
  }

  /** Whether the curvatures have changed by more than this share of their sum since the last `curve`. */
  isStale(share: number): boolean {
    const { curvatures, curvedAt } = this.current;
    return this.kernel.isStale(curvatures.byteOffset, curvedAt.byteOffset, share, curvatures.length) !== 0;
  }
}

let workspace: LogisticWorkspace | undefined;

/** The workspace of this thread. */
export function logisticWorkspace(): LogisticWorkspace {
  return (workspace ??= new LogisticWorkspace());
}
