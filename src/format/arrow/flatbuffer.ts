const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A table of a flatbuffer, read field by field without building anything (https://flatbuffers.dev/internals/). Every access is checked: what
 * points outside the buffer, or a vector that cannot fit in it, throws RangeError (or TypeError for text that is not UTF-8), which
 * `guarded` of message.ts makes an InputError. Slots count from 0 in the order of the schema's fields.
 */
export class Table {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#vtableBytes = view.getInt16(this.#vtable, true);
    if (this.#vtableBytes < 4) throw new RangeError(`a table of ${this.#vtableBytes} bytes of fields`);
  }

  /** The root table of a buffer. */
  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Table(view, view.getUint32(0, true));
  }

  has(slot: number): boolean {
    return this.#field(slot) !== 0;
  }

  byte(slot: number, absent = 0): number {
    const at = this.#field(slot);
    return at === 0 ? absent : this.#view.getUint8(at);
  }

  short(slot: number, absent = 0): number {
    const at = this.#field(slot);
    return at === 0 ? absent : this.#view.getInt16(at, true);
  }

  int(slot: number, absent = 0): number {
    const at = this.#field(slot);
    return at === 0 ? absent : this.#view.getInt32(at, true);
  }

  /** A 64-bit integer; throws RangeError beyond 2^53, which no length or offset of a real file reaches. */
  long(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.#longAt(at);
  }

  text(slot: number): string | undefined {
    const at = this.#field(slot);
    if (at === 0) return undefined;
    const start = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(start, true);
    return UTF8.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start + 4, this.#inside(start + 4, length)));
  }

  table(slot: number): Table | undefined {
    const at = this.tableAt(slot);
    return at === 0 ? undefined : new Table(this.#view, at);
  }

  /** Where a table stands in the buffer, 0 where it is absent. */
  tableAt(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : at + this.#view.getUint32(at, true);
  }

  tables(slot: number): Table[] {
    const { start, count } = this.#vector(slot, 4);
    return Array.from({ length: count }, (_, index) => {
      const at = start + 4 * index;
      return new Table(this.#view, at + this.#view.getUint32(at, true));
    });
  }

  /** Where a vector's count stands in the buffer, 0 where it is absent. Its elements, of so many bytes, are checked to fit. */
  vectorAt(slot: number, elementBytes: number): number {
    return this.#field(slot) === 0 ? 0 : this.#vector(slot, elementBytes).start - 4;
  }

  /** Number of elements of a vector, checked to fit. */
  count(slot: number, elementBytes: number): number {
    return this.#vector(slot, elementBytes).count;
  }

  ints(slot: number): number[] {
    const { start, count } = this.#vector(slot, 4);
    return Array.from({ length: count }, (_, index) => this.#view.getInt32(start + 4 * index, true));
  }

  longs(slot: number): number[] {
    const { start, count } = this.#vector(slot, 8);
    return Array.from({ length: count }, (_, index) => this.#longAt(start + 8 * index));
  }

  /** A vector of structs, each given as its 64-bit words (a 32-bit field with its padding is the low half of a word). */
  structs(slot: number, words: number): number[][] {
    const { start, count } = this.#vector(slot, 8 * words);
    return Array.from({ length: count }, (_, index) => Array.from({ length: words }, (_, word) => this.#longAt(start + 8 * (words * index + word))));
  }

  /** The same, all words one behind the other. */
  words(slot: number, words: number): number[] {
    const { start, count } = this.#vector(slot, 8 * words);
    const found = new Array<number>(count * words);
    for (let index = 0; index < found.length; index++) found[index] = this.#longAt(start + 8 * index);
    return found;
  }

  #field(slot: number): number {
    const entry = 4 + 2 * slot;
    const offset = entry + 2 > this.#vtableBytes ? 0 : this.#view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #vector(slot: number, elementBytes: number): { readonly start: number; readonly count: number } {
    const at = this.#field(slot);
    if (at === 0) return { start: 0, count: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const count = this.#view.getUint32(vector, true);
    this.#inside(vector + 4, count * elementBytes);
    return { start: vector + 4, count };
  }

  #inside(start: number, length: number): number {
    if (start + length > this.#view.byteLength) throw new RangeError(`${length} bytes at ${start} run past the end of the metadata`);
    return length;
  }

  #longAt(at: number): number {
    // Two halves instead of a BigInt, which would be allocated for each of them.
    const value = this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) throw new RangeError(`a length or offset of ${value}`);
    return value;
  }
}
