/** Memory for the results of a layer: each stays untouched until the next call but one. */
export class AlternatingOutput {
  private current = new Float32Array(0);
  private previous = new Float32Array(0);

  next(length: number): Float32Array {
    [this.current, this.previous] = [this.previous, this.current];
    if (this.current.length < length) this.current = new Float32Array(length);
    return this.current.subarray(0, length);
  }
}
