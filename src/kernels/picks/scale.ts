/** Multiplies each output of each row, [rows, outputs], by its scale, [outputs], in place. */
export function scaleOutputs(values: Float32Array, rows: number, scale: Float32Array): void {
  const outputs = scale.length;
  for (let r = 0; r < rows; r++) {
    const start = r * outputs;
    for (let j = 0; j < outputs; j++) values[start + j] = values[start + j] * scale[j];
  }
}
