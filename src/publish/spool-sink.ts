import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DefectError, type ScorelineError } from '../errors/errors.js';
import { ShortWriteError, writeAll } from '../files/write-all.js';
import { outputFailure, type Attempt } from './failure.js';
import type { Sink } from './sink.js';

/** One read of what is copied. */
const PIECE_BYTES = 1 << 20;

/**
 * A sink that keeps all bytes in a temp file until it is finished, and then gives them to another one: a pipe gets all of a run that was judged good, and nothing of
 * any other. The file has no name from the start, so a crash leaves none. Throws as the opening of an output does.
 *
 * @param folder where the bytes are kept.
 */
export async function openSpool(inner: Sink, folder: string): Promise<Sink> {
  const path = join(folder, `.scoreline-spool.${randomBytes(6).toString('hex')}`);
  const name = `${inner.name}, kept in ${folder}`;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    await unlink(path);
    return new SpoolSink(inner, file, name);
  } catch (error) {
    throw outputFailure(error, { name, action: 'create' });
  }
}

class SpoolSink implements Sink {
  readonly path = undefined;
  readonly #inner: Sink;
  readonly #file: FileHandle;
  readonly #name: string;
  #kept = 0;
  #visible = false;
  #open = true;
  #failure: ScorelineError | undefined;

  constructor(inner: Sink, file: FileHandle, name: string) {
    this.#inner = inner;
    this.#file = file;
    this.#name = name;
  }

  get name(): string {
    return this.#inner.name;
  }

  get visible(): boolean {
    return this.#visible;
  }

  /** Bytes that the far end has got. */
  get bytes(): number {
    return this.#inner.bytes;
  }

  digest(): string {
    return this.#inner.digest();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#attempt('write', () => writeAll(this.#file, bytes, ({ length }) => (this.#kept += length)));
  }

  async finish(): Promise<void> {
    if (!this.#open) throw new DefectError(`'${this.name}' was given up`);
    this.#visible = true;
    const piece = new Uint8Array(PIECE_BYTES);
    for (let position = 0; position < this.#kept;) {
      const read = await this.#attempt('read', () => this.#read(piece, position));
      await this.#inner.write(piece.subarray(0, read));
      position += read;
    }
    await this.#close();
    await this.#inner.finish();
  }

  async reveal(): Promise<void> {}

  async abort(cause?: Error): Promise<void> {
    await this.#inner.abort(cause);
    await this.#close();
  }

  async #read(into: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#file.read(into, 0, Math.min(into.length, this.#kept - position), position);
    if (bytesRead === 0) throw new ShortWriteError(position, this.#kept);
    return bytesRead;
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close().catch(() => undefined);
  }

  async #attempt<T>(action: Attempt['action'], act: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await act();
    } catch (error) {
      this.#failure = outputFailure(error, { name: this.#name, action, bytes: this.#kept });
      throw this.#failure;
    }
  }
}
