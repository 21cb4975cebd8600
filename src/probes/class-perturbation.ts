import type { Matrix, SparseCodes } from '../kernels/matrix.js';
import type { RowSource } from '../kernels/matrix.js';
import type { Sae } from '../sae/sae.js';
import { randomFor } from '../random/stream.js';
