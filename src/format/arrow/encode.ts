import { REJECTED, type Batch, type KeptColumn } from '../../batch/batch.js';
import type { ResultColumn } from '../../batch/result.js';
import { DefectError } from '../../errors/errors.js';
import type { EncodedChunk, Encoder } from '../format.js';
import { loadCodec, type Codec } from './codec/codec.js';
import type { Column } from './column.js';
import { deflateMessage } from './deflate.js';
import { buildDirect, isDirect } from './direct-columns.js';
import { writeDirectBatch } from './direct-batch.js';
import { resultArrowType, resultColumn, textKept, type OutputRows } from './result-column.js';
import type { ArrowEncoderSetup } from './setup.js';
import { OpenedSchema } from './source-schema.js';
import { takeColumn, type BuildColumn } from './take.js';
import type { ArrowType } from './type.js';

/** How columns become a record batch message. */
export interface BatchWriter {
  /** Of what the columns that are taken apart and put together again are made. */
  readonly build: BuildColumn;
  /** Kept columns first, then results; `rows` is at least 1. `into` is used where it is large enough. */
  write(columns: readonly Column[], rows: number, into?: ArrayBuffer): Uint8Array;
}

/**
 * Encodes batches in a worker: one record batch message each, without dictionaries (the assembler writes those); no bytes at all for a batch that
 * gives no row. Kept columns of an Arrow source keep their type, those of any other become utf8. The library is loaded only for columns that need it.
 */
export async function openArrowEncoder(setup: ArrowEncoderSetup): Promise<Encoder> {
  const kept = setup.sourceSchema === undefined ? undefined : keptTypes(setup, setup.sourceSchema);
  const types = [...(kept ?? setup.kept.map(() => TEXT)), ...setup.results.map(({ type }) => resultArrowType(type))];
  const writer: BatchWriter = types.every(isDirect)
    ? { build: buildDirect, write: (columns, rows, into) => writeDirectBatch(types, columns, rows, into) }
    : (await import('./library-batch.js')).openLibraryWriter(setup);
  return new ArrowEncoder(setup, kept, writer, setup.compression === undefined ? undefined : await loadCodec(setup.compression));
}

const TEXT: ArrowType = { kind: 'utf8', large: false };

class ArrowEncoder implements Encoder {
  readonly #setup: ArrowEncoderSetup;
  /** Types of the kept columns; undefined where the source is not Arrow. */
  readonly #types: readonly ArrowType[] | undefined;
  readonly #writer: BatchWriter;
  readonly #codec: Codec | undefined;
  /** Where batches that are still to be compressed are put together. */
  #scratch = new ArrayBuffer(0);

  constructor(setup: ArrowEncoderSetup, types: readonly ArrowType[] | undefined, writer: BatchWriter, codec: Codec | undefined) {
    this.#setup = setup;
    this.#types = types;
    this.#writer = writer;
    this.#codec = codec;
  }

  encode(batch: Batch, results: readonly ResultColumn[], into?: ArrayBuffer): EncodedChunk {
    const rows = outputRows(batch, this.#setup.rejectedRows);
    if (rows.length === 0) return { bytes: new Uint8Array(0), rows: 0 };
    const columns = batch.kept.map((column, index) => this.#kept(column, this.#types?.[index], rows));
    for (const [index, field] of this.#setup.results.entries()) {
      const values = results[index]?.values;
      if (values === undefined) throw new DefectError(`no values for the result column "${field.name}"`);
      columns.push(resultColumn(field.type, values, rows));
    }
    return { bytes: this.#message(columns, rows.length, into), rows: rows.length };
  }

  #message(columns: readonly Column[], rows: number, into: ArrayBuffer | undefined): Uint8Array {
    if (this.#codec === undefined) return this.#writer.write(columns, rows, into);
    const plain = this.#writer.write(columns, rows, this.#scratch);
    if (plain.byteLength > this.#scratch.byteLength) this.#scratch = plain.buffer as ArrayBuffer;
    return deflateMessage(plain, this.#codec, into);
  }

  #kept(kept: KeptColumn, type: ArrowType | undefined, { length, records }: OutputRows): Column {
    if (type === undefined || kept.native.format !== 'arrow') {
      return textKept(length, (row) => kept.text(records === undefined ? row : (records[row] ?? -1)));
    }
    const column = kept.native.vector as Column;
    const untouched = column.length === length && (records === undefined || records[length - 1] === length - 1);
    if (untouched) return column;
    return takeColumn(type, column, records ?? Int32Array.from({ length }, (_, row) => row), this.#writer.build);
  }
}

/** Which records are written, in their order: the scored ones, or with `blank` all. */
function outputRows(batch: Batch, rejectedRows: 'drop' | 'blank'): OutputRows {
  const { slots, records } = batch;
  if (batch.isWhole) return { length: records, records: undefined, slots: undefined };
  if (rejectedRows === 'blank') {
    return { length: records, records: Int32Array.from({ length: records }, (_, record) => record), slots: slots.subarray(0, records) };
  }
  const scored = new Int32Array(records);
  const taken = new Int32Array(records);
  let rows = 0;
  for (let record = 0; record < records; record++) {
    const slot = slots[record] ?? REJECTED;
    if (slot === REJECTED) continue;
    scored[rows] = record;
    taken[rows++] = slot;
  }
  return { length: rows, records: scored.subarray(0, rows), slots: taken.subarray(0, rows) };
}

function keptTypes(setup: ArrowEncoderSetup, sourceSchema: Uint8Array): readonly ArrowType[] {
  const { fields } = new OpenedSchema(sourceSchema);
  return setup.kept.map(({ column }) => fields[column]?.type ?? { kind: 'null' });
}

export { openArrowAssembler } from './assemble.js';
