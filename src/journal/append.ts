import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readLines } from '../files/lines.js';
import { syncFolder } from '../files/sync-folder.js';
import { writeAll } from '../files/write-all.js';
import { decodeEntry, encodeEntry, GENESIS, type EncodedEntry, type EntryDraft, type Link } from './entry.js';
import { readHead } from './head.js';

/**
 * Appends one line and syncs it; only under the journal's lock. The file is opened anew each time, so that one that was renamed away is followed by a new one,
 * which goes on from the head. What a crash left half-written stays, and the new line starts on a line of its own.
 */
export async function appendEntry(journal: string, draft: EntryDraft, at: string): Promise<EncodedEntry> {
  // Readable by others as the umask allows: a journal holds no values of rows.
  const file = await open(journal, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644);
  try {
    const { size } = await file.stat();
    const encoded = encodeEntry(draft, at, await findTip(file, size, journal));
    const line = (await endsLine(file, size)) ? encoded.line : Buffer.concat([Buffer.from('\n'), encoded.line]);
    await writeAll(file, line);
    await file.datasync();
    if (size === 0) await syncFolder(dirname(journal));
    return encoded;
  } finally {
    await file.close();
  }
}

/**
 * The line to build on: the head, or what descends from it where a writer died between its line and its head. Never a line that does not descend from
 * the head: where lines were cut or changed, the chain shows the break for ever.
 */
async function findTip(file: FileHandle, size: number, journal: string): Promise<Link> {
  const head = await readHead(journal);
  const known = typeof head === 'string' ? undefined : head;
  if (known !== undefined && (size === 0 || (await endsWith(file, size, known)))) return known;
  if (size === 0) return GENESIS;
  let tip = known;
  for await (const line of readLines(file)) {
    const decoded = decodeEntry(line.bytes);
    if (decoded.ok && (known === undefined || decoded.entry.prev === tip?.digest)) tip = decoded.link;
  }
  return tip ?? GENESIS;
}

async function endsWith(file: FileHandle, size: number, head: Link): Promise<boolean> {
  const ending = Buffer.from(`,"digest":"${head.digest}"}\n`);
  return size >= head.bytes && (await readAt(file, size - ending.length, ending.length)).equals(ending);
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  return size === 0 || (await readAt(file, size - 1, 1))[0] === 0x0a;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
