import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { LineCutter, readPieces, type Line } from '../files/lines.js';
import { decodeEntry } from './entry.js';
import { readFailure } from './failure.js';
import type { ReadLine } from './reader.js';

/** Reads on in a journal that is being written, and goes over to the new file where it is rotated by rename. To be closed. */
export class JournalTail {
  readonly path: string;
  #file: FileHandle | undefined;
  #inode = 0;
  #position = 0;
  #cutter = new LineCutter();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The lines that came since the last time; none where the file is not there (yet, or just renamed). A line that is not written to its end is kept until
   * it is, or until the file was rotated. Throws JournalError (`journal-read` 74, `journal-permission` 77).
   */
  async *drain(): AsyncGenerator<ReadLine, void, undefined> {
    try {
      for await (const line of this.#lines()) yield { ...line, decoded: decodeEntry(line.bytes) };
    } catch (error) {
      throw readFailure(error, this.path);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async *#lines(): AsyncGenerator<Line, void, undefined> {
    if (this.#file === undefined && !(await this.#open())) return;
    for (;;) {
      // looked at before the old file is read to its end: its writers append under one lock, so once the new file has a line, the old one gets none
      const replaced = await this.#isReplaced();
      yield* this.#readOn();
      if (!replaced) return;
      const torn = this.#cutter.end();
      if (torn !== undefined) yield torn;
      await this.close();
      if (!(await this.#open())) return;
    }
  }

  async #open(): Promise<boolean> {
    try {
      this.#file = await open(this.path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    this.#inode = (await this.#file.stat()).ino;
    this.#position = 0;
    this.#cutter = new LineCutter();
    return true;
  }

  /** Does another file with a line stand where ours did, or has ours been emptied? */
  async #isReplaced(): Promise<boolean> {
    const found = await stat(this.path).catch(() => undefined);
    if (found === undefined) return false;
    return found.ino === this.#inode ? found.size < this.#position : found.size > 0;
  }

  async *#readOn(): AsyncGenerator<Line, void, undefined> {
    if (this.#file === undefined) return;
    for await (const piece of readPieces(this.#file, this.#position)) {
      this.#position += piece.length;
      yield* this.#cutter.cut(piece);
    }
  }
}
