import { dirname, join } from 'node:path';
import { readdirp, type EntryInfo } from 'readdirp';

/** A run's folder, its checkpoints' folders, and the files in those. */
export const WATCH_DEPTH = 4;

/** What tells that the files of a folder have changed: any write, addition, removal or renaming does. */
interface FileState {
  files: number;
  bytes: number;
  /** The youngest change of a file; unlike the time of its last write, no copying program sets it back. */
  changedMs: number;
}

/**
 * The state of the files of each folder below a root that has any, as text that is the same while nothing changes.
 * Hidden files and folders are left out: writers that rename into place prepare their files under such a name.
 */
export async function fileStates(root: string, depth = WATCH_DEPTH): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, FileState>();
  for await (const entry of visibleFiles(root, depth)) add(states, dirname(join(root, entry.path)), entry);
  return new Map([...states].map(([dir, { files, bytes, changedMs }]) => [dir, `${files} ${bytes} ${changedMs}`]));
}

/** The state of one folder's files; undefined where it has none, or is none. */
export async function fileStateOf(dir: string): Promise<string | undefined> {
  return (await fileStates(dir, 0)).get(dir);
}

/** Whether a file or folder is one that nobody is to see yet. */
export const isHiddenName = (name: string): boolean => name.startsWith('.');

function visibleFiles(root: string, depth: number): AsyncIterable<EntryInfo> {
  const isVisible = ({ basename }: EntryInfo): boolean => !isHiddenName(basename);
  return readdirp(root, { depth, alwaysStat: true, fileFilter: isVisible, directoryFilter: isVisible });
}

function add(states: Map<string, FileState>, dir: string, { stats }: EntryInfo): void {
  // It was removed since its folder was read.
  if (stats === undefined) return;
  const state = states.get(dir) ?? { files: 0, bytes: 0, changedMs: 0 };
  state.files++;
  state.bytes += stats.size;
  state.changedMs = Math.max(state.changedMs, stats.ctimeMs);
  states.set(dir, state);
}
