import { Piscina } from 'piscina';
import { workerFile } from '../../worker-file.js';
import type { OnnxJob } from './onnx-thread.js';

/** A thread that onnxruntime runs in. Jobs are done one after the other. */
export class OnnxWorker {
  private readonly pool = new Piscina({
    filename: workerFile(import.meta.url, './onnx-thread.js'),
    minThreads: 1,
    maxThreads: 1,
    // A job that waits at the thread spares it the way back here in between.
    concurrentTasksPerWorker: 2,
  });
  private jobs = 0;

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
    return this.jobs;
  }

  async send(job: OnnxJob, transferList: ArrayBuffer[] = []): Promise<unknown> {
    this.jobs++;
    try {
      return await this.pool.run(job, { transferList });
    } finally {
      this.jobs--;
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}
