/**
 * Solves a small symmetric positive definite system in place, by Cholesky's method.
 *
 * @param matrix [n, n]; its lower triangle becomes the factor
 * @param rhs [n]; becomes the solution
 */
export function solvePositiveDefinite(matrix: Float64Array, rhs: Float64Array): void {
  const n = rhs.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let l = 0; l < j; l++) sum -= matrix[i * n + l] * matrix[j * n + l];
      matrix[i * n + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * n + j];
    }
    for (let l = 0; l < i; l++) rhs[i] -= matrix[i * n + l] * rhs[l];
    rhs[i] /= matrix[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let l = i + 1; l < n; l++) rhs[i] -= matrix[l * n + i] * rhs[l];
    rhs[i] /= matrix[i * n + i];
  }
}
