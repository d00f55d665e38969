import { InputError } from '../../errors/errors.js';
import { corrupt, guarded, type Where } from './faults.js';
import type { Table } from './flatbuffer.js';
import type { Message } from './message.js';

/** Columns of nulls, and lists of them, take no bytes: their length is believed so far. */
const BELIEVED_VALUES = 2 ** 24;
const CODECS = ['LZ4', 'ZSTD'] as const;

/** What the head of a dictionary message says. */
export interface DictionaryHead {
  readonly id: number;
  /** More values for the dictionary of this id, instead of a new one. */
  readonly isDelta: boolean;
}

/** The id and kind of a dictionary message. Throws InputError (`arrow-corrupt`). */
export function dictionaryHead(message: Message, where: Where): DictionaryHead {
  return guarded(where, 'a dictionary', () => ({ id: message.header.long(0), isDelta: message.header.byte(2) !== 0 }));
}

/** Rows of a batch, and the length of each of its columns, nested ones included, in the format's order (parents first). */
export interface BatchHead {
  readonly rows: number;
  readonly lengths: readonly number[];
}

/**
 * The head of a record batch, or of the batch inside a dictionary message, proven sound: every buffer lies inside the body, aligned to
 * 8 bytes, and no count is negative. The library cuts short silently what runs past the end, and counts a negative position from the end.
 * Throws InputError: `arrow-corrupt`, `arrow-compressed`.
 */
export function checkBatchHead(message: Message, where: Where): BatchHead {
  return guarded(where, 'a record batch', () => {
    const batch = message.kind === 'dictionary' ? message.header.table(1) : message.header;
    if (batch === undefined) throw corrupt(where, 'a dictionary without values');
    refuseCompression(batch, where);
    const rows = batch.long(0);
    const most = Math.max(BELIEVED_VALUES, 8 * message.body.length);
    if (rows < 0 || rows > most) throw corrupt(where, `a record batch of ${rows} rows in ${message.body.length} bytes`);
    const nodes = batch.structs(1, 2);
    for (const [length = -1, nulls = -1] of nodes) {
      if (length < 0 || length > most || nulls < 0 || nulls > length) throw corrupt(where, `a column of ${length} values, ${nulls} of them null`);
    }
    for (const [index, [offset = -1, length = -1]] of batch.structs(2, 2).entries()) {
      if (offset < 0 || length < 0 || offset + length > message.body.length) {
        throw corrupt(where, `buffer ${index} takes ${length} bytes at ${offset} of a body of ${message.body.length}`);
      }
      if (length > 0 && offset % 8 !== 0) throw corrupt(where, `buffer ${index} stands at byte ${offset} of the body, which is no multiple of 8`);
    }
    for (const count of batch.longs(4)) {
      if (count < 0 || count > batch.count(2, 16)) throw corrupt(where, `a column of ${count} data buffers`);
    }
    return { rows, lengths: nodes.map(([length = 0]) => length) };
  });
}

function refuseCompression(batch: Table, where: Where): void {
  const compression = batch.table(3);
  if (compression === undefined) return;
  const number = compression.byte(0);
  const codec = CODECS[number] ?? `codec ${number}`;
  throw new InputError('arrow-compressed', `found record batches compressed with ${codec}, expected uncompressed ones`, {
    place: where,
    fix: "Write the file without compression: pyarrow.feather.write_feather(table, path, compression='uncompressed').",
    details: { codec },
  });
}
