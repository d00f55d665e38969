import { makeData, RecordBatch, Struct, type Data, type Schema } from 'apache-arrow';
import { REJECTED, type Batch, type KeptColumn } from '../../batch/batch.js';
import type { ResultColumn } from '../../batch/result.js';
import { DefectError } from '../../errors/errors.js';
import type { EncodedChunk, Encoder } from '../format.js';
import { loadCodec, type Codec } from './codec/codec.js';
import type { Column } from './column.js';
import { deflateMessage } from './deflate.js';
import { dataOf } from './library.js';
import { MessageWriter } from './message-writer.js';
import { outputSchema } from './output-schema.js';
import { resultColumn, textKept, type OutputRows } from './result-column.js';
import type { ArrowEncoderSetup } from './setup.js';
import { OpenedSchema } from './source-schema.js';
import { takeColumn } from './take.js';
import type { ArrowType } from './type.js';

/**
 * Encodes batches in a worker: one record batch message each, without dictionaries (the assembler writes those); no bytes at all for a batch that
 * gives no row. Kept columns of an Arrow source keep their type, those of any other become utf8.
 */
export async function openArrowEncoder(setup: ArrowEncoderSetup): Promise<Encoder> {
  return new ArrowEncoder(setup, setup.compression === undefined ? undefined : await loadCodec(setup.compression));
}

class ArrowEncoder implements Encoder {
  readonly #setup: ArrowEncoderSetup;
  readonly #schema: Schema;
  readonly #struct: Struct;
  /** Types of the kept columns; undefined where the source is not Arrow. */
  readonly #types: readonly ArrowType[] | undefined;
  readonly #writer = new MessageWriter();
  readonly #codec: Codec | undefined;
  /** Where batches that are still to be compressed are put together. */
  #scratch = new ArrayBuffer(0);

  constructor(setup: ArrowEncoderSetup, codec: Codec | undefined) {
    this.#setup = setup;
    this.#codec = codec;
    this.#schema = outputSchema(setup);
    this.#struct = new Struct(this.#schema.fields);
    this.#types = setup.sourceSchema === undefined ? undefined : keptTypes(setup, setup.sourceSchema);
  }

  encode(batch: Batch, results: readonly ResultColumn[], into?: ArrayBuffer): EncodedChunk {
    const rows = outputRows(batch, this.#setup.rejectedRows);
    const length = rows.records.length;
    if (length === 0) return { bytes: new Uint8Array(0), rows: 0 };
    const children: Data[] = batch.kept.map((column, index) => this.#kept(column, this.#types?.[index], rows));
    for (const [index, field] of this.#setup.results.entries()) {
      const values = results[index]?.values;
      if (values === undefined) throw new DefectError(`no values for the result column "${field.name}"`);
      children.push(resultColumn(field.type, values, rows));
    }
    const data = makeData({ type: this.#struct, length, nullCount: 0, children });
    return { bytes: this.#message(new RecordBatch(this.#schema, data), into), rows: length };
  }

  #message(batch: RecordBatch, into: ArrayBuffer | undefined): Uint8Array {
    if (this.#codec === undefined) return this.#writer.batchMessage(batch, into);
    const plain = this.#writer.batchMessage(batch, this.#scratch);
    if (plain.byteLength > this.#scratch.byteLength) this.#scratch = plain.buffer as ArrayBuffer;
    return deflateMessage(plain, this.#codec, into);
  }

  #kept(kept: KeptColumn, type: ArrowType | undefined, { records }: OutputRows): Data {
    if (type === undefined || kept.native.format !== 'arrow') return textKept(records.length, (row) => kept.text(records[row] ?? -1));
    const column = kept.native.vector as Column;
    const untouched = column.length === records.length && (records.length === 0 || records[records.length - 1] === records.length - 1);
    return dataOf(untouched ? column : takeColumn(type, column, records));
  }
}

/** Which records are written, in their order: the scored ones, or with `blank` all. */
function outputRows(batch: Batch, rejectedRows: 'drop' | 'blank'): OutputRows {
  const { slots, records } = batch;
  if (rejectedRows === 'blank') return { records: Int32Array.from({ length: records }, (_, record) => record), slots: slots.subarray(0, records) };
  const scored = new Int32Array(records);
  const taken = new Int32Array(records);
  let rows = 0;
  for (let record = 0; record < records; record++) {
    const slot = slots[record] ?? REJECTED;
    if (slot === REJECTED) continue;
    scored[rows] = record;
    taken[rows++] = slot;
  }
  return { records: scored.subarray(0, rows), slots: taken.subarray(0, rows) };
}

function keptTypes(setup: ArrowEncoderSetup, sourceSchema: Uint8Array): readonly ArrowType[] {
  const { fields } = new OpenedSchema(sourceSchema);
  return setup.kept.map(({ column }) => fields[column]?.type ?? { kind: 'null' });
}

export { openArrowAssembler } from './assemble.js';
