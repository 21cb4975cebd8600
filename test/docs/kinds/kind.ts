import type { CodeBlock } from '../code-blocks.js';
import type { Walk } from '../walk/walk.js';

/** What is done with the blocks of a language. */
export interface Kind {
  /** Programs beyond Node that it takes for a block; none unless given. */
  tools?(block: CodeBlock): readonly string[];
  /** Runs or checks a block, after those that stand before it in its document. Throws when the block is wrong. */
  check(block: CodeBlock, walk: Walk): Promise<void> | void;
}
