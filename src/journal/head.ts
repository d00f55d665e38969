import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { decodeCheckedLine, encodeCheckedLine } from '../files/checked-line.js';
import { asProcessIdentity } from '../files/process-identity.js';
import { replaceFile } from '../files/replace.js';
import { syncFolder } from '../files/sync-folder.js';
import type { Link } from './entry.js';
import type { OpenRun } from './open-runs.js';

/** What is kept beside a journal: its last line, and the runs that have not ended, so that nobody has to read the journal, or rotated files of it, to find them. */
export interface Head extends Link {
  readonly open: readonly OpenRun[];
}

/** Where the head of a journal is kept. */
export function headPath(journal: string): string {
  return `${journal}.head`;
}

/** The one text of a head: anything else in the file was not put there by us. */
export function encodeHead({ seq, digest, bytes, open }: Head): Buffer {
  return encodeCheckedLine(Object.entries({ v: 1, seq, digest, bytes, open }));
}

/** The inverse; undefined for every text that `encodeHead` does not give. */
export function decodeHead(text: string): Head | undefined {
  const value = text.endsWith('\n') ? decodeCheckedLine(text.slice(0, -1)) : undefined;
  if (value === undefined || value['v'] !== 1) return undefined;
  const { seq, digest, bytes, open } = value;
  if (!isCount(seq) || !isCount(bytes) || typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest) || !Array.isArray(open)) return undefined;
  return { seq, digest, bytes, open: open.flatMap(asOpenRun) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function asOpenRun(value: unknown): OpenRun[] {
  const { run, prepared, process } = value as Record<keyof OpenRun, unknown>;
  return typeof run === 'string'
    ? [{ run, prepared: typeof prepared === 'string' ? prepared : null, process: asProcessIdentity(process) ?? null }]
    : [];
}

/** The head kept beside a journal: `missing` or `damaged` where there is none. Throws what reading throws. */
export async function readHead(journal: string): Promise<Head | 'missing' | 'damaged'> {
  try {
    return decodeHead(await readFile(headPath(journal), 'utf8')) ?? 'damaged';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/**
 * Puts a new head in the place of the old one, in one step. Only under the journal's lock. Should a power cut bring the old head back, the journal itself tells how it
 * goes on; where there was none (`first`), the folder is synced: a journal of several lines without a head would look like one whose end was cut off.
 */
export async function replaceHead(journal: string, head: Head, first: boolean): Promise<void> {
  await replaceFile(headPath(journal), encodeHead(head), 0o644);
  if (first) await syncFolder(dirname(journal));
}
