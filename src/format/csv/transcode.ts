import { InputError } from '../../errors/errors.js';
import type { ByteSource } from '../source.js';
import { encodingOf, UTF8 } from './encoding.js';
import { openTranscoder, type Transcoder } from './transcoder.js';

const PIECE_BYTES = 1 << 18;

/**
 * The source as UTF-8: itself where it is that already, else transcoded as it is read. `position` and look ahead then count in the transcoded text, and
 * its size is not known; the digest stays that of the real bytes. A byte order mark stays in front. The wrapper closes the source. `pieceBytes`, at least
 * 4, are transcoded at once.
 * Errors: UsageError `unknown-encoding`; InputError `encoding`, here where a mark contradicts what was told, and by reads at bytes that mean nothing.
 */
export async function asUtf8(source: ByteSource, told: string | undefined, pieceBytes = PIECE_BYTES): Promise<ByteSource> {
  const encoding = await encodingOf(source, told);
  return encoding === UTF8 ? source : new TranscodedSource(source, encoding, pieceBytes);
}

class TranscodedSource implements ByteSource {
  readonly name: string;
  readonly size = undefined;
  readonly isPipe: boolean;
  position = 0;
  readonly #source: ByteSource;
  readonly #encoding: string;
  readonly #transcode: Transcoder;
  readonly #piece: Uint8Array;
  /** Bytes of the piece that are not transcoded yet. */
  #left = 0;
  #ended = false;
  /** Transcoded and not yet read. */
  #text: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, encoding: string, pieceBytes: number) {
    this.name = source.name;
    this.isPipe = source.isPipe;
    this.#source = source;
    this.#encoding = encoding;
    this.#piece = new Uint8Array(pieceBytes);
    this.#transcode = openTranscoder(encoding);
  }

  async peek(length: number): Promise<Uint8Array> {
    const ahead = [this.#text];
    for (let known = this.#text.length; known < length && !this.#ended;) {
      const text = await this.#next();
      ahead.push(text);
      known += text.length;
    }
    if (ahead.length > 1) this.#text = Buffer.concat(ahead);
    return this.#text.subarray(0, length);
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    for (;;) {
      const count = Math.min(into.length - filled, this.#text.length);
      into.set(this.#text.subarray(0, count), filled);
      this.#text = this.#text.subarray(count);
      filled += count;
      if (filled === into.length || this.#ended) break;
      this.#text = await this.#next();
    }
    this.position += filled;
    return filled;
  }

  digest(): string {
    return this.#source.digest();
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** The text of the next piece of the source. */
  async #next(): Promise<Uint8Array> {
    const room = this.#piece.subarray(this.#left);
    const count = await this.#source.read(room);
    this.#ended = count < room.length;
    const piece = this.#piece.subarray(0, this.#left + count);
    const transcoded = this.#transcode(piece, this.#ended);
    if ('badAt' in transcoded) throw this.#refused(this.#source.position - piece.length + transcoded.badAt);
    this.#left = piece.length - transcoded.used;
    this.#piece.copyWithin(0, transcoded.used, piece.length);
    return transcoded.text;
  }

  #refused(byte: number): InputError {
    return new InputError('encoding', `found bytes that mean nothing in ${this.#encoding}, expected text in it`, {
      place: { file: this.name, byte },
      fix: 'Check what the file is really in, and give that with --encoding; or look for damage at that byte.',
      details: { encoding: this.#encoding },
    });
  }
}
