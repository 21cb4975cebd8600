import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { DiscernError } from '../../errors.js';
import { chooseBackend } from '../../kernels/backends.js';
import { createDecoder } from '../../kernels/decode.js';
import { createEncoder } from '../../kernels/encode.js';
import type { RowSource, SparseCodes } from '../../kernels/matrix.js';
import { openCheckpoint, readSae } from '../../sae/readers.js';
import type { Sae } from '../../sae/sae.js';
import { createLogger } from '../../telemetry/logger.js';
import { openRows } from '../../tensors/open-rows.js';
import { writeSafetensors } from '../../tensors/write-safetensors.js';
import { configOf, withSettings } from '../context.js';

interface Options {
  readonly sae: string;
  readonly input: string;
  readonly tensor: string;
  readonly out: string;
}

export function encodeCommand(): Command {
  return withSettings(
    new Command('encode')
      .description('Encodes given rows: to check a checkpoint by hand. Writes z [rows, d_sae] and x_hat [rows, d_in].')
      .requiredOption('--sae <dir>', 'folder of the checkpoint')
      .requiredOption('--input <file>', 'safetensors file with the rows')
      .option('--tensor <name>', 'its tensor [rows, d_in]', 'x')
      .requiredOption('--out <file>', 'safetensors file to write, with z and x_hat'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  discern encode --sae runs/a/step-1000 --input x.safetensors --out z.safetensors',
    )
    .action(async (options: Options, command: Command) => {
      const config = await configOf(command);
      const [sae, rows] = await Promise.all([
        openCheckpoint(options.sae).then((source) => readSae(source, { maxBytes: config.weights.maxBytes })),
        openRows(options.input, options.tensor),
      ]);
      if (rows.cols !== sae.dIn)
        throw new DiscernError(
          'DIMENSION_MISMATCH',
          `${options.input}: ${options.tensor} has rows of ${rows.cols}, the checkpoint's d_in is ${sae.dIn}`,
        );
      const logger = createLogger();
      const backend = await chooseBackend(config.evaluate.backend);
      try {
        logger.info({ backend: backend.name, description: backend.description }, 'backend');
        const encoder = await createEncoder(backend, sae);
        const codes = await encoder.encode(rows);
        await encoder.close();
        await writeFile(options.out, writeSafetensors(tensorsOf(sae, rows, codes)));
        logger.info({ rows: rows.rows, l0: codes.indices.length / rows.rows, out: options.out }, 'encoded');
      } finally {
        await backend.close();
      }
    });
}

function tensorsOf(sae: Sae, rows: RowSource, codes: SparseCodes) {
  const xHat = new Float32Array(rows.rows * sae.dIn);
  createDecoder(sae, rows).decode(codes, 0, rows.rows, xHat);
  return {
    z: { dtype: 'F32', shape: [rows.rows, sae.dSae], data: dense(codes) },
    x_hat: { dtype: 'F32', shape: [rows.rows, sae.dIn], data: xHat },
  } as const;
}

function dense(codes: SparseCodes): Float32Array {
  const z = new Float32Array(codes.rows * codes.latents);
  for (let row = 0; row < codes.rows; row++)
    for (let entry = codes.indptr[row]; entry < codes.indptr[row + 1]; entry++)
      z[row * codes.latents + codes.indices[entry]] = codes.values[entry]!;
  return z;
}
