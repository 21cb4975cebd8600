import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { asDiscernError, DiscernError } from '../errors.js';
import type { Spool, SpoolFile } from '../log/spool.js';
import { decoded, isEncoded } from './content-encoding.js';
import { otherDigest, otherSize } from './mismatch.js';
import type { WeightsPolicy } from './policy.js';
import { shown, type RedeemedWeights, type WeightsClaim, type WeightsSource } from './source.js';

/** A file that is being sent. */
export interface RemoteBody {
  readonly stream: Readable;
  /** As HTTP's `Content-Encoding` says. */
  readonly encoding?: string;
  /** Size of what is sent, where it is known. */
  readonly bytes?: number;
}

/** Asks for a file. @throws DiscernError, TransientFailure where asking again may help */
export type OpenRemote = (url: URL, signal: AbortSignal) => Promise<RemoteBody>;

/** A failure that may pass. */
export class TransientFailure extends Error {
  constructor(readonly error: DiscernError) {
    super(error.message, { cause: error });
  }
}

const ATTEMPTS = 4;
const IDLE_MS = 30_000;
const RETRY_DELAY_MS = 500;

/**
 * Fetches a file into the spool; size and digest are checked as it comes, so it is never in memory and never larger
 * on disk than claimed.
 *
 * What fails for reasons that may pass (a connection that breaks, a server that is busy, silence) is tried
 * again, four times in all.
 */
export function fromRemote(policy: WeightsPolicy, spool: Spool, open: OpenRemote): WeightsSource {
  const { maxBytes, retryDelayMs = RETRY_DELAY_MS } = policy;
  return async (claim, url, signal) => {
    if (claim.bytes > maxBytes) throw tooLarge(claim, url, maxBytes);
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetchOnce(claim, url, { policy, spool, open, signal });
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        if (attempt === ATTEMPTS || signal.aborted) throw error.error;
        await delay(retryDelayMs * 2 ** (attempt - 1), undefined, { signal });
      }
    }
  };
}

interface Fetch {
  readonly policy: WeightsPolicy;
  readonly spool: Spool;
  readonly open: OpenRemote;
  readonly signal: AbortSignal;
}

async function fetchOnce(claim: WeightsClaim, url: URL, fetch: Fetch): Promise<RedeemedWeights> {
  const clock = new Patience(fetch.policy, fetch.signal);
  const file = await createFile(fetch.spool);
  try {
    const body = await fetch.open(url, clock.signal);
    if (body.bytes !== undefined && body.bytes !== claim.bytes && !isEncoded(body.encoding)) {
      body.stream.destroy();
      throw otherSize(claim, url, body.bytes);
    }
    await write(body, file, claim, url, clock);
    const { bytes, sha256 } = await file.finish();
    if (bytes !== claim.bytes) throw otherSize(claim, url, bytes);
    if (sha256 !== claim.sha256) throw otherDigest(claim, url, sha256);
    return { path: file.path, release: () => file.remove() };
  } catch (error) {
    await file.remove();
    throw clock.explain(url, error);
  } finally {
    clock.stop();
  }
}

async function write(body: RemoteBody, file: SpoolFile, claim: WeightsClaim, url: URL, clock: Patience): Promise<void> {
  let bytes = 0;
  addAbortSignal(clock.signal, body.stream);
  for await (const piece of decoded(body, url)) {
    clock.heard();
    bytes += piece.byteLength;
    if (bytes > claim.bytes) throw otherSize(claim, url, 'more');
    await file.write(piece).catch((error: unknown) => ours(error));
  }
}

function createFile(spool: Spool): Promise<SpoolFile> {
  return spool.create().catch((error: unknown) => ours(error));
}

/** A full disk says nothing about the checkpoint, so the evaluation is what failed. */
function ours(error: unknown): never {
  throw new DiscernError('EVALUATION_FAILED', asDiscernError(error, 'EVALUATION_FAILED').message, { cause: error });
}

function tooLarge(claim: WeightsClaim, url: URL, maxBytes: number): DiscernError {
  return new DiscernError('CHECKPOINT_TOO_LARGE', `${shown(url)}: ${claim.bytes} bytes, ${maxBytes} are allowed`, {
    hint: 'Raise weights.maxBytes in discern.yaml if the evaluator has the memory for it.',
  });
}

/** Gives up an attempt when nothing comes for a while, when it takes too long altogether, or when it is called off. */
class Patience {
  private readonly controller = new AbortController();
  private readonly idle: NodeJS.Timeout;
  private readonly late: NodeJS.Timeout;
  private reason: { readonly text: string; readonly passes: boolean } | undefined;

  constructor(
    { idleMs = IDLE_MS, timeoutMs }: WeightsPolicy,
    private readonly wanted: AbortSignal,
  ) {
    this.idle = setTimeout(() => this.giveUp(`nothing came for ${idleMs / 1000} s`, true), idleMs);
    this.late = setTimeout(() => this.giveUp(`not fetched in ${timeoutMs / 1000} s`, false), timeoutMs);
    wanted.addEventListener('abort', this.callOff);
    if (wanted.aborted) this.callOff();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  heard(): void {
    this.idle.refresh();
  }

  stop(): void {
    clearTimeout(this.idle);
    clearTimeout(this.late);
    this.wanted.removeEventListener('abort', this.callOff);
  }

  /** What went wrong, in terms of weights. */
  explain(url: URL, error: unknown): unknown {
    const { reason } = this;
    if (reason === undefined && (error instanceof DiscernError || error instanceof TransientFailure)) return error;
    const text = reason?.text ?? (error instanceof Error ? error.message : String(error));
    const failure = new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: ${text}`, { cause: error });
    return reason?.passes === false ? failure : new TransientFailure(failure);
  }

  private readonly callOff = (): void => this.giveUp('no longer wanted', false);

  private giveUp(text: string, passes: boolean): void {
    this.reason ??= { text, passes };
    this.controller.abort();
  }
}
