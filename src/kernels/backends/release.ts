import { MessageChannel } from 'node:worker_threads';

const { port1: nowhere, port2 } = new MessageChannel();
port2.close();

/**
 * Frees memory now rather than when it is collected as garbage: it is handed to a closed channel. What is allocated next
 * then gets the same memory, which is mapped and still in a cache.
 */
export function release(buffer: ArrayBuffer): void {
  try {
    nowhere.postMessage(undefined, [buffer]);
  } catch (error) {
    // Memory that an addon owns cannot be handed on: it is left to be collected.
    if ((error as { readonly name?: unknown }).name !== 'DataCloneError') throw error;
  }
}
