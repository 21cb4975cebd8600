// src/kernels/backends/plain.ts
import type { Backend, RowErrors } from '../../../src/kernels/backend.js';
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
  rowErrors(x, xHat, rows, cols) {
    const errors: RowErrors = {
      squaredError: new Float32Array(rows),
      dot: new Float32Array(rows),
      inputNorm2: new Float32Array(rows),
      outputNorm2: new Float32Array(rows),
    };
    for (let at = 0; at < rows * cols; at++) {
      const row = Math.floor(at / cols);
      errors.squaredError[row] += (x[at] - xHat[at]) ** 2;
      errors.dot[row] += x[at] * xHat[at];
      errors.inputNorm2[row] += x[at] ** 2;
      errors.outputNorm2[row] += xHat[at] ** 2;
    }
    return Promise.resolve(errors);
  },
  close: () => Promise.resolve(),
};
