import { Piscina } from 'piscina';
import { poolThread } from '../../worker-file.js';
import type { OnnxJob } from './onnx-thread.js';

/** A thread that onnxruntime runs in. Jobs are done one after the other. */
export class OnnxWorker {
  private readonly pool = new Piscina({
    ...poolThread(import.meta.url, './onnx-thread.js'),
    minThreads: 1,
    maxThreads: 1,
    // A job that waits at the thread spares it the way back here in between.
    concurrentTasksPerWorker: 2,
  });
  private readonly jobs = new Set<Promise<unknown>>();
  private closing = false;

  /**
   * @param threads that onnxruntime divides each product among
   * @throws whatever loading onnxruntime throws
   */
  static async start(threads: number): Promise<OnnxWorker> {
    const worker = new OnnxWorker();
    try {
      await worker.send({ kind: 'start', threads });
      return worker;
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Jobs that are not done yet. */
  get pending(): number {
    return this.jobs.size;
  }

  async send(job: OnnxJob, transferList: ArrayBuffer[] = []): Promise<unknown> {
    if (this.closing) throw new Error('the thread of onnxruntime is closed');
    const running = this.pool.run(job, { transferList });
    this.jobs.add(running);
    try {
      return await running;
    } finally {
      this.jobs.delete(running);
    }
  }

  /** Takes no more jobs and finishes those it has: a thread that is ended amid onnxruntime's `run` ends the whole process. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.allSettled(this.jobs);
    await this.pool.destroy();
  }
}
