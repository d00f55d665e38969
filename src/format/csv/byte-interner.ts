/** Distinct texts of one column that are remembered; a column with more is no category, and its other texts are read one by one. */
const MOST_ENTRIES = 4096;
/** Longer texts are no categories. */
const LONGEST = 256;
const FIRST_ENTRIES = 16;
/** Slots an entry, so that chains stay short; a power of two. */
const SPARSITY = 4;

/**
 * Gives equal byte strings the same small number, so that what was found out about a text once is found again by one comparison of bytes. Holds copies of the bytes,
 * 1 MiB at most.
 */
export class ByteInterner {
  /** Entries so far; they are numbered in the order in which they came. */
  entries = 0;
  /** By hash: 1 + the number of an entry; 0 is free. Linear probing. */
  #slots = new Uint16Array(FIRST_ENTRIES * SPARSITY);
  #hashes = new Int32Array(FIRST_ENTRIES);
  /** By entry: where its bytes start; they end where the next ones start. */
  #starts = new Uint32Array(FIRST_ENTRIES + 1);
  #known = new Uint8Array(0);

  /** The number of `bytes[from, to)`, or -1 where it is not known. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const mask = this.#slots.length - 1;
    for (let slot = slotOf(hash, mask); ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry === -1 || (this.#hashes[entry] === hash && this.#holds(entry, bytes, from, to))) return entry;
    }
  }

  /** Remembers bytes that are not known yet and gives their number; -1 where there is no room for them. */
  add(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (this.entries === MOST_ENTRIES || length > LONGEST) return -1;
    if (this.entries === this.#hashes.length) this.#grow();
    const entry = this.entries++;
    const start = this.#starts[entry] as number;
    this.#known = grown(this.#known, start + length);
    this.#known.set(bytes.subarray(from, to), start);
    this.#starts[entry + 1] = start + length;
    const hash = hashOf(bytes, from, to);
    this.#hashes[entry] = hash;
    this.#place(entry);
    return entry;
  }

  /** Puts an entry into the first free slot of its chain. */
  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#hashes[entry] as number, mask);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const capacity = this.#hashes.length * 4;
    const hashes = this.#hashes;
    this.#hashes = new Int32Array(capacity);
    this.#hashes.set(hashes);
    const starts = this.#starts;
    this.#starts = new Uint32Array(capacity + 1);
    this.#starts.set(starts);
    this.#slots = new Uint16Array(capacity * SPARSITY);
    for (let entry = 0; entry < this.entries; entry++) this.#place(entry);
  }

  #holds(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const known = this.#known;
    let at = this.#starts[entry] as number;
    if ((this.#starts[entry + 1] as number) - at !== to - from) return false;
    for (let byte = from; byte < to; byte++) if (known[at++] !== bytes[byte]) return false;
    return true;
  }
}

/** The array itself where it holds `length` bytes, else a copy of at least twice its length. */
function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(length, bytes.length * 2));
  larger.set(bytes);
  return larger;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

/** The upper bits are mixed in: the lower ones of FNV alone cluster for short texts. */
function slotOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}
