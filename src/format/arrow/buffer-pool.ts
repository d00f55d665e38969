/** Buffers kept for use again; more than this are left to the collector. */
const KEPT = 8;
const GRAIN_BYTES = 2 ** 16;

/** Buffers that come back from the workers, so that reading a large file does not allocate it once over. */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];

  /** A view of `length` bytes from the start of a buffer of its own; what it holds is left over from earlier use. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const index = this.#free.findIndex((buffer) => buffer.byteLength >= length && buffer.byteLength <= 4 * length + GRAIN_BYTES);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    return new Uint8Array(found ?? new ArrayBuffer(Math.ceil(length / GRAIN_BYTES) * GRAIN_BYTES), 0, length);
  }

  give(buffer: ArrayBuffer): void {
    if (this.#free.length < KEPT && buffer.byteLength > 0) this.#free.push(buffer);
  }
}
