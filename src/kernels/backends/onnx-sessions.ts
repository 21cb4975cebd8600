import type { OnnxRuntime, Session, Tensor, TensorData } from './onnxruntime-module.js';

const ERRORS_ONLY = 3;

/** Sessions of onnxruntime, one a model, started when they are first asked for. */
export class OnnxSessions {
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly threads: number,
  ) {}

  of(model: () => Uint8Array): Promise<Session> {
    const bytes = model();
    const key = Buffer.from(bytes).toString('latin1');
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    const session = this.runtime.InferenceSession.create(bytes, {
      intraOpNumThreads: this.threads,
      logSeverityLevel: ERRORS_ONLY,
      // Idle threads would spin in wait of the next product and take the cores that score in the meantime.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    this.sessions.set(key, session);
    return session;
  }

  /** @param data [dims], row-major, not in shared memory */
  tensor<T extends keyof TensorData>(type: T, data: TensorData[T], dims: readonly number[]): Tensor {
    return new this.runtime.Tensor(type, data, dims);
  }

  async close(): Promise<void> {
    const sessions = [...this.sessions.values()];
    this.sessions.clear();
    await Promise.all(sessions.map(async (session) => (await session).release()));
  }
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
}
