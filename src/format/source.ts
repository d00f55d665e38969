/**
 * Bytes from a file or a stream, read forward, with a look ahead at the first ones. What splitters read from; hashes what passes.
 */
export interface ByteSource {
  /** For messages: the path as given, or `stdin`. */
  readonly name: string;
  /** Total bytes, undefined for pipes. */
  readonly size: number | undefined;
  /** True for pipes: a producer killed half-way looks like a normal end. */
  readonly isPipe: boolean;
  /** Up to `length` first bytes without consuming them: as soon as `least` of them (default: all) are there; fewer than that only at the end of the source. */
  peek(length: number, least?: number): Promise<Uint8Array>;
  /** Fills `into` from its start; gives the number of bytes read: fewer than asked only at the end of the source, 0 at the end. Throws InputError (`read-failed`, 74). */
  read(into: Uint8Array): Promise<number>;
  /** True as soon as `readSome` need not wait; false when `ms` have passed before. Throws as `read`. */
  arrival(ms: number): Promise<boolean>;
  /**
   * Fills `into` from its start with what there is, waiting only for the first of it; gives the number of bytes, undefined at the end. May be 0 where what
   * came is no whole character yet. Throws as `read`.
   */
  readSome(into: Uint8Array): Promise<number | undefined>;
  /**
   * Plain files only: fills `into` from an absolute position without moving on, past the digest too; gives the number of bytes read. For formats whose
   * directory stands at the end.
   */
  readAt?(into: Uint8Array, position: number): Promise<number>;
  /** Bytes read so far. */
  readonly position: number;
  /** Digest over all bytes read so far, hex sha256. A source that was opened without one has none to give. */
  digest(): string;
  close(): Promise<void>;
}
