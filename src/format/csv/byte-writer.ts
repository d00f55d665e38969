const LEAST_BYTES = 1 << 16;
/** Up to here a loop is quicker than a call into native code. */
const SHORT = 48;

/**
 * Bytes that grow at their end, in one buffer that is used again where the caller has one.
 *
 * Who writes much takes `bytes` and `at` into its own hands: `room` first, then bytes from `at` on, then `at` moved on.
 */
export class ByteWriter {
  /** Changes when it grows. */
  bytes: Buffer<ArrayBuffer>;
  /** Bytes written so far: where the next goes. */
  at = 0;
  readonly #spareBytes: number;

  /** Behind what `room`, `text` and `copy` make room for `spareBytes` more stay free: no need to ask for those. */
  constructor(into?: ArrayBuffer, spareBytes = 0) {
    this.bytes = Buffer.from(into ?? new ArrayBuffer(LEAST_BYTES));
    this.#spareBytes = spareBytes;
  }

  /** Makes room for `length` bytes. */
  room(length: number): void {
    if (this.at + length + this.#spareBytes > this.bytes.length) this.#grow(length + this.#spareBytes);
  }

  byte(byte: number): void {
    this.room(1);
    this.bytes[this.at++] = byte;
  }

  /** Text in UTF-8. */
  text(text: string): void {
    const { length } = text;
    this.room(length * 3);
    const { bytes, at: start } = this;
    if (length <= SHORT) {
      let at = 0;
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        bytes[start + at] = code;
      }
      if (at === length) {
        this.at += length;
        return;
      }
    }
    this.at += bytes.write(text, start, 'utf8');
  }

  /** `source[from, to)`. */
  copy(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.room(length);
    const { bytes, at: start } = this;
    if (length <= SHORT) for (let at = 0; at < length; at++) bytes[start + at] = source[from + at] as number;
    else bytes.set(source.subarray(from, to), start);
    this.at += length;
  }

  /** What was written; owns the buffer, so that it can be transferred. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.buffer, 0, this.at);
  }

  #grow(length: number): void {
    const grown = Buffer.from(new ArrayBuffer(Math.max(LEAST_BYTES, this.bytes.length * 2, this.at + length)));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}
