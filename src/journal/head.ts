import { readFile } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { replaceFile } from '../files/replace.js';
import type { Link } from './entry.js';

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
export function replaceHead(journal: string, link: Link): Promise<void> {
  return replaceFile(headPath(journal), Buffer.from(encodeHead(link)), 0o644);
}
