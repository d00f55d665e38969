import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readLines } from '../files/lines.js';
import { syncFolder } from '../files/sync-folder.js';
import { writeAll } from '../files/write-all.js';
import { decodeEntry, encodeEntry, GENESIS, type EncodedEntry, type EntryDraft } from './entry.js';
import { readHead, type Head } from './head.js';
import { nextOpen } from './open-runs.js';

/**
 * The end of a journal, to append lines to; only under the journal's lock. The file is opened anew for each hold of the lock, so that one that was renamed away is
 * followed by a new one, which goes on from the head. What a crash left half-written stays, and the new line starts on a line of its own. The caller closes it.
 */
export class JournalEnd {
  readonly #journal: string;
  readonly #file: FileHandle;
  readonly #known: Head | undefined;
  #size: number;
  #tip: Head;

  private constructor(journal: string, file: FileHandle, size: number, known: Head | undefined, tip: Head) {
    this.#journal = journal;
    this.#file = file;
    this.#size = size;
    this.#known = known;
    this.#tip = tip;
  }

  static async open(journal: string): Promise<JournalEnd> {
    // Readable by others as the umask allows: a journal holds no values of rows.
    // Its path is a real one: a link there was put there since.
    const file = await open(journal, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644);
    try {
      const { size } = await file.stat();
      const head = await readHead(journal);
      const known = typeof head === 'string' ? undefined : head;
      return new JournalEnd(journal, file, size, known, await findTip(file, size, known));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The last line, and the runs that are open after it. */
  get head(): Head {
    return this.#tip;
  }

  /** True where the head that is kept beside the journal is another one: lines came since, now or before a writer died. */
  get isAhead(): boolean {
    return this.#tip !== this.#known && this.#tip.seq > 0;
  }

  /** True where no head is kept beside the journal. */
  get isHeadless(): boolean {
    return this.#known === undefined;
  }

  /** Appends one line and syncs it. */
  async append(draft: EntryDraft, at: string): Promise<EncodedEntry> {
    const encoded = encodeEntry(draft, at, this.#tip);
    const line = (await endsLine(this.#file, this.#size)) ? encoded.line : Buffer.concat([Buffer.from('\n'), encoded.line]);
    const first = this.#size === 0;
    await writeAll(this.#file, line, ({ length }) => (this.#size += length));
    await this.#file.datasync();
    if (first) await syncFolder(dirname(this.#journal));
    this.#tip = { ...encoded.link, open: nextOpen(this.#tip.open, { ...draft, ...draft.record }) };
    return encoded;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * The line to build on: the head, or what descends from it where a writer died between its line and its head. Never a line that does not descend from
 * the head: where lines were cut or changed, the chain shows the break for ever.
 */
async function findTip(file: FileHandle, size: number, known: Head | undefined): Promise<Head> {
  if (known !== undefined && (size === 0 || (await endsWith(file, size, known)))) return known;
  const genesis: Head = { ...GENESIS, open: [] };
  if (size === 0) return genesis;
  let tip = known;
  for await (const line of readLines(file)) {
    const decoded = decodeEntry(line.bytes);
    if (decoded.ok && (known === undefined || decoded.entry.prev === tip?.digest))
      tip = { ...decoded.link, open: nextOpen(tip?.open ?? [], decoded.entry) };
  }
  return tip ?? genesis;
}

async function endsWith(file: FileHandle, size: number, known: Head): Promise<boolean> {
  const ending = Buffer.from(`,"digest":"${known.digest}"}\n`);
  return size >= known.bytes && (await readAt(file, size - ending.length, ending.length)).equals(ending);
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  return size === 0 || (await readAt(file, size - 1, 1))[0] === 0x0a;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
