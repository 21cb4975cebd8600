/** One thing that must work before the process is of use. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, or what was found. */
  readonly detail?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly HealthCheck[];
}

/** Asks every check; one that throws is not ready, with its error as the detail. */
export async function readiness(
  ask: () => readonly HealthCheck[] | Promise<readonly HealthCheck[]>,
): Promise<Readiness> {
  try {
    const checks = await ask();
    return { ready: checks.every(({ ok }) => ok), checks };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ready: false, checks: [{ name: 'health', ok: false, detail }] };
  }
}
