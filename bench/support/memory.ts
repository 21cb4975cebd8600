import { existsSync, readFileSync } from 'node:fs';

/** Resident memory of a process in bytes, now; undefined where the system does not tell. */
export function residentBytes(pid: number | undefined): number | undefined {
  return statusBytes(pid, 'VmRSS');
}

/** The most memory that a running process has had resident, in bytes; undefined where the system does not tell. */
export function peakBytes(pid: number | undefined): number | undefined {
  return statusBytes(pid, 'VmHWM');
}

function statusBytes(pid: number | undefined, field: string): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const file = `/proc/${pid}/status`;
  // A process that has just ended has none.
  if (!existsSync(file)) return undefined;
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
}
