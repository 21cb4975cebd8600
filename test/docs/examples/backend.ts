// src/kernels/backends/plain.ts
import type { Backend } from '../../../src/kernels/backend.js';
import type { BackendProvider } from '../../../src/kernels/backends/provider.js';

/** Loops in JavaScript. Its own name would be added to `BackendName`. */
export const plain: BackendProvider = {
  name: 'cpu',
  probe: () => Promise.resolve({ available: true, description: 'plain loops' }),
  open: () => Promise.resolve(backend),
};

const backend: Backend = {
  name: 'cpu',
  description: 'plain loops',
  linear: ({ rows: inputs, cols: outputs, data: weight }, bias) =>
    Promise.resolve({
      inputs,
      outputs,
      tileRows: 16,
      inFlight: 1,
      apply(x, rows) {
        const y = new Float32Array(rows * outputs);
        for (let row = 0; row < rows; row++) {
          const out = y.subarray(row * outputs, (row + 1) * outputs);
          out.set(bias);
          for (let i = 0; i < inputs; i++)
            for (let o = 0; o < outputs; o++) out[o] += x[row * inputs + i] * weight[i * outputs + o];
        }
        return Promise.resolve(y);
      },
      close: () => Promise.resolve(),
    }),
  close: () => Promise.resolve(),
};
