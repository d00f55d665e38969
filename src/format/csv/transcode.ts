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

  async peek(length: number, least = length): Promise<Uint8Array> {
    const ahead = [this.#text];
    for (let known = this.#text.length; known < least && !this.#ended;) {
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
      filled += this.#moveTo(into.subarray(filled));
      if (filled === into.length || this.#ended) return filled;
      this.#text = await this.#next();
    }
  }

  async arrival(ms: number): Promise<boolean> {
    return this.#text.length > 0 || this.#ended || this.#source.arrival(ms);
  }

  async readSome(into: Uint8Array): Promise<number | undefined> {
    if (this.#text.length === 0 && !this.#ended) this.#text = await this.#next();
    return this.#text.length === 0 && this.#ended ? undefined : this.#moveTo(into);
  }

  digest(): string {
    return this.#source.digest();
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** Moves text to where it is read into, as far as it fits. */
  #moveTo(into: Uint8Array): number {
    const count = Math.min(into.length, this.#text.length);
    into.set(this.#text.subarray(0, count));
    this.#text = this.#text.subarray(count);
    this.position += count;
    return count;
  }

  /** The text of what comes next, as far as it is there; may be none. */
  async #next(): Promise<Uint8Array> {
    const count = await this.#pull(this.#piece.subarray(this.#left));
    this.#ended = count === undefined;
    const piece = this.#piece.subarray(0, this.#left + (count ?? 0));
    const behind = this.#ended ? 'nothing' : piece.length < this.#piece.length ? 'more' : 'more-with-room';
    const transcoded = this.#transcode(piece, behind);
    if ('badAt' in transcoded) throw this.#refused(this.#source.position - piece.length + transcoded.badAt);
    this.#left = piece.length - transcoded.used;
    this.#piece.copyWithin(0, transcoded.used, piece.length);
    return transcoded.text;
  }

  /** What there is, of a pipe; of a file the whole piece, so that where its text is cut never depends on how its filesystem answers. */
  async #pull(into: Uint8Array): Promise<number | undefined> {
    if (this.#source.isPipe) return this.#source.readSome(into);
    const count = await this.#source.read(into);
    return count === 0 ? undefined : count;
  }

  #refused(byte: number): InputError {
    return new InputError('encoding', `found bytes that mean nothing in ${this.#encoding}, expected text in it`, {
      place: { file: this.name, byte },
      fix: 'Check what the file is really in, and give that with --encoding; or look for damage at that byte.',
      details: { encoding: this.#encoding },
    });
  }
}
