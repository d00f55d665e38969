import type { StartRecord } from './record.js';
import { readEntries } from './reader.js';

/** The START of a run, looked for in a journal; null where it is not there, or cannot be read: it may have been rotated away. */
export async function startOf(journal: string, run: string): Promise<StartRecord | null> {
  try {
    for await (const entry of readEntries(journal)) if (entry.run === run && entry.kind === 'START') return entry;
  } catch {
    // whoever asks can do without
  }
  return null;
}
