import { join } from 'node:path';
import { DiscernError } from '../errors.js';
import type { FormatReader } from './format-reader.js';

const WEIGHTS = 'ae.pt';

/**
 * dictionary_learning saves a pickle, which only Python can read, and which runs whatever code it holds when it is
 * read. It is recognised to say so.
 */
export const dictionaryLearning: FormatReader = {
  id: 'dictionary_learning',
  files: `${WEIGHTS} and config.json (has to be converted)`,
  detect: (files) => files.has(WEIGHTS),
  source: (dir) => Promise.reject(pickled(join(dir, WEIGHTS))),
  read: (source) => Promise.reject(pickled(source.weights)),
};

function pickled(path: string): DiscernError {
  return new DiscernError(
    'CHECKPOINT_CORRUPT',
    `${path}: a pickle of dictionary_learning, which Discern does not read`,
    {
      hint: 'Publish it with the Python package discern-publish, which converts it (python/README.md).',
    },
  );
}
