import type { Backend, BackendName } from '../backend.js';

/** What a look at this machine says about a backend. */
export type BackendProbe =
  | {
      readonly available: true;
      /** Library, version, device. */
      readonly description: string;
      /** Why it is not taken unless it is asked for, e.g. because the adapter is software. */
      readonly onlyWhenForced?: string;
    }
  | { readonly available: false; readonly reason: string; readonly fix: string };

export interface BackendOptions {
  /** Threads of the backends that compute on the CPU; all of the machine's by default. */
  readonly threads?: number;
}

/** By name, why backends are not to be taken. */
export type FailedBackends = ReadonlyMap<BackendName, string>;

/** One backend of the registry. */
export interface BackendProvider {
  readonly name: BackendName;
  /** Whether the backend can run here; leaves nothing open and never throws. */
  probe(): Promise<BackendProbe>;
  /** Starts it. @throws DiscernError BACKEND_UNAVAILABLE */
  open(options: BackendOptions): Promise<Backend>;
}
