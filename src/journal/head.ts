import { constants } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import type { Link } from './entry.js';
import { systemCode } from './failure.js';

/** Where the head of a journal is kept. */
export function headPath(journal: string): string {
  return `${journal}.head`;
}

/** The one text of a head: anything else in the file was not put there by us. */
export function encodeHead({ seq, digest, bytes }: Link): string {
  return `{"v":1,"seq":${seq},"digest":"${digest}","bytes":${bytes}}\n`;
}

/** The inverse; undefined for every text that `encodeHead` does not give. */
export function decodeHead(text: string): Link | undefined {
  const [, seq, digest, bytes] = /^\{"v":1,"seq":([1-9]\d{0,14}),"digest":"([0-9a-f]{64})","bytes":([1-9]\d{0,14})\}\n$/.exec(text) ?? [];
  return seq === undefined || digest === undefined || bytes === undefined ? undefined : { seq: Number(seq), digest, bytes: Number(bytes) };
}

/** The head kept beside a journal: a link, `missing`, or `damaged`. Throws what reading throws. */
export async function readHead(journal: string): Promise<Link | 'missing' | 'damaged'> {
  try {
    return decodeHead(await readFile(headPath(journal), 'utf8')) ?? 'damaged';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/**
 * Puts a new head in the place of the old one, in one step. Only under the journal's lock. The folder is not synced: should a power cut bring the old head
 * back, the journal itself tells how it goes on.
 */
export async function replaceHead(journal: string, link: Link): Promise<void> {
  const path = headPath(journal);
  const fresh = `${path}.new`;
  // What a killed writer left. The name is fixed, as the lock allows one writer, so leftovers cannot pile up.
  await unlink(fresh).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    await file.writeFile(encodeHead(link));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
