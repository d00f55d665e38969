const LEAST_BYTES = 1 << 16;
/** Up to here a loop is quicker than a call into native code. */
const SHORT = 48;

/** Bytes that grow at their end, in one buffer that is used again where the caller has one. */
export class ByteWriter {
  #bytes: Buffer<ArrayBuffer>;
  #at = 0;

  constructor(into?: ArrayBuffer) {
    this.#bytes = Buffer.from(into ?? new ArrayBuffer(LEAST_BYTES));
  }

  get length(): number {
    return this.#at;
  }

  byte(byte: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = byte;
  }

  /** Text in UTF-8. */
  text(text: string): void {
    const { length } = text;
    this.#room(length * 3);
    const start = this.#at;
    if (length <= SHORT) {
      let at = 0;
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        this.#bytes[start + at] = code;
      }
      if (at === length) {
        this.#at += length;
        return;
      }
    }
    this.#at += this.#bytes.write(text, start, 'utf8');
  }

  /** `source[from, to)`. */
  copy(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.#room(length);
    if (length <= SHORT) for (let at = 0; at < length; at++) this.#bytes[this.#at + at] = source[from + at] as number;
    else this.#bytes.set(source.subarray(from, to), this.#at);
    this.#at += length;
  }

  /** What was written; owns the buffer, so that it can be transferred. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#at);
  }

  #room(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    const grown = Buffer.from(new ArrayBuffer(Math.max(LEAST_BYTES, this.#bytes.length * 2, this.#at + length)));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}
