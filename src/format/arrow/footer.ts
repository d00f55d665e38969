import { InputError } from '../../errors/errors.js';
import { guarded, truncated, type Where } from './faults.js';
import { Table } from './flatbuffer.js';
import type { Message } from './message.js';

export const MAGIC = new Uint8Array([65, 82, 82, 79, 87, 49]); // ARROW1
/** Behind the footer: its length and the magic. */
export const TRAILER_BYTES = 10;
/** A footer with a million blocks takes 24 MB. */
export const FOOTER_LIMIT_BYTES = 2 ** 28;

/** A message as the footer of a file lists it. */
export interface Block {
  readonly byte: number;
  /** Prefix included. */
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

export interface Footer {
  readonly bytes: Uint8Array;
  readonly version: number;
  /** Where the schema's table stands in `bytes`. */
  readonly schemaAt: number;
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
}

export function isMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * Length of the footer, from the last bytes of a file (TRAILER_BYTES or more); `space` is what can hold it. Throws InputError: `arrow-truncated`,
 * `arrow-footer`.
 */
export function footerLength(tail: Uint8Array, space: number, where: Where): number {
  if (tail.length < TRAILER_BYTES || !isMagic(tail.subarray(-6))) throw truncated(where, 'the footer of the Arrow file is not whole');
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getInt32(tail.length - TRAILER_BYTES, true);
  if (length <= 0 || length > Math.min(space, FOOTER_LIMIT_BYTES))
    throw disagrees(where, `its footer claims ${length} bytes, there is room for ${space}`);
  return length;
}

/** Reads a footer. Throws InputError (`arrow-corrupt`). */
export function readFooter(bytes: Uint8Array, where: Where): Footer {
  return guarded(where, 'the footer', () => {
    const table = Table.root(bytes);
    const schemaAt = table.tableAt(1);
    if (schemaAt === 0) throw new RangeError('there is no schema in it');
    return { bytes, version: table.short(0), schemaAt, dictionaries: table.structs(2, 3).map(block), batches: table.structs(3, 3).map(block) };
  });
}

/**
 * Proves that a file that was read forward ends as it must: `tail` (everything behind the end marker, from absolute position `where.byte`) is a footer
 * whose blocks are the messages that were read, record batches in the same order. Throws InputError: `arrow-truncated`, `arrow-footer`,
 * `arrow-batch-order`, `arrow-corrupt`.
 */
export function checkFooter(tail: Uint8Array, where: Where, batches: readonly Block[], dictionaries: readonly Block[]): void {
  const length = footerLength(tail, tail.length - TRAILER_BYTES, where);
  const start = tail.length - TRAILER_BYTES - length;
  if (!tail.subarray(0, start).every((byte) => byte === 0)) throw disagrees(where, `${start} bytes stand between its end marker and its footer`);
  const footer = readFooter(tail.subarray(start, tail.length - TRAILER_BYTES), where);
  compare(where, 'dictionaries', footer.dictionaries, dictionaries);
  compare(where, 'record batches', footer.batches, batches);
  checkOrder(footer.batches, where);
}

/** Record batches are given in the order of the bytes; a footer that wants another is refused. Throws InputError (`arrow-batch-order`). */
export function checkOrder(batches: readonly Block[], where: Where): void {
  if (batches.every((entry, index) => index === 0 || entry.byte > (batches[index - 1]?.byte ?? 0))) return;
  throw new InputError('arrow-batch-order', 'the footer lists the record batches in another order than they stand in the file', {
    place: where,
    fix: 'Write the file again in order: pyarrow.ipc.open_file(path).read_all() and write the table.',
  });
}

/** The place of a message that was read, to be compared with the footer's. */
export function blockOf(message: Pick<Message, 'source' | 'body'>): Block {
  return { ...message.source, bodyBytes: message.body.length };
}

/** The file contradicts its own footer. */
export function disagrees(where: Where, message: string): InputError {
  return new InputError('arrow-footer', `the Arrow file contradicts itself: ${message}`, {
    place: where,
    fix: 'Write the file again: its footer is damaged, or belongs to another file.',
  });
}

function block([byte = 0, metadataBytes = 0, bodyBytes = 0]: readonly number[]): Block {
  return { byte, metadataBytes, bodyBytes };
}

function compare(where: Where, what: string, listed: readonly Block[], read: readonly Block[]): void {
  if (listed.length !== read.length) throw disagrees(where, `its footer lists ${listed.length} ${what}, ${read.length} were read`);
  const known = new Map(read.map((entry) => [entry.byte, entry]));
  const odd = listed.find((entry) => {
    const found = known.get(entry.byte);
    known.delete(entry.byte);
    return found?.metadataBytes !== entry.metadataBytes || found.bodyBytes !== entry.bodyBytes;
  });
  if (odd !== undefined) throw disagrees(where, `its footer lists ${what} at byte ${odd.byte} that were not read there`);
}
