import type { Batch, KeptColumn } from '../../batch/batch.js';
import type { Field, Layout } from '../../batch/layout.js';
import { openFieldStore, openNulls, type FieldStore, type NullTexts } from '../../batch/store.js';
import type { Chunk, ChunkContext, Decoder } from '../format.js';
import { checkBatchHead, dictionaryHead, type BatchHead } from './batch-header.js';
import { checkArrowBinding } from './binding.js';
import { jsonReader, objectText, textReader, type WordCache } from './cell-text.js';
import { loadCodec, type Codec } from './codec/codec.js';
import type { Column } from './column.js';
import { directColumns, isDirect } from './direct-columns.js';
import { corrupt, type Where } from './faults.js';
import { fillBatch, type Source } from './fill.js';
import { joinParts, partsOf, type ChunkPart } from './join.js';
import type * as Library from './library.js';
import { openMessage, type Message } from './message.js';
import { plainMessage } from './plain.js';
import type { ArrowDecoderSetup } from './setup.js';
import { OpenedSchema } from './source-schema.js';
import { childTypes, isUnreadable, typeText, type ArrowField, type ArrowType } from './type.js';
import { validateColumn } from './validate.js';

/**
 * Decodes record batches in a worker. Kept columns are views of the chunk's bytes, or the library's own Data where a column of the source is not direct
 * (`isDirect`): only then the library is loaded. They are valid until the next decode.
 * Throws InputError: `column-type`, `arrow-type` at once; `arrow-corrupt` (position of the record batch, column), `arrow-too-large` on decode.
 */
export async function openArrowDecoder(setup: ArrowDecoderSetup, layout: Layout): Promise<Decoder> {
  const schema = new OpenedSchema(setup.schema);
  const library = schema.types.every(isDirect) ? undefined : await import('./library.js');
  return new ArrowDecoder(setup, schema, layout, library, setup.codec === undefined ? undefined : await loadCodec(setup.codec));
}

class ArrowDecoder implements Decoder {
  readonly declines = false;
  readonly #schema: OpenedSchema;
  /** The columns that are read; the others are passed over. */
  readonly #fields: readonly ArrowField[];
  readonly #layout: Layout;
  readonly #nullsOf: (field: Field) => NullTexts;
  /** Undefined: every column is direct. */
  readonly #library: typeof Library | undefined;
  readonly #codec: Codec | undefined;
  #scratch = new ArrayBuffer(0);
  #dictionaries: Library.Dictionaries = new Map();
  #words: WordCache = new WeakMap();
  #columns: readonly Column[] = [];
  /** The record batches of the chunk in hand. */
  #parts: readonly ChunkPart[] = [];
  #stores: { readonly batch: Batch; readonly stores: readonly FieldStore[] } | undefined;

  constructor(setup: ArrowDecoderSetup, schema: OpenedSchema, layout: Layout, library: typeof Library | undefined, codec: Codec | undefined) {
    this.#schema = schema;
    this.#library = library;
    this.#fields = this.#schema.fields.filter(({ type }) => !isUnreadable(type));
    this.#layout = layout;
    this.#nullsOf = openNulls(setup.nullValues);
    this.#codec = codec;
    const columns = this.#schema.fields.map(({ name, type }) => ({ name, type: typeText(type) }));
    checkArrowBinding({ format: 'arrows', columns }, layout);
  }

  setContext(context: ChunkContext): void {
    const where = { byte: 0 };
    const library = this.#library;
    if (library === undefined) return; // no column has a dictionary
    const types = this.#schema.dictionaries();
    for (const bytes of context.messages) {
      const message = openMessage(bytes, where);
      const head = checkBatchHead(message, where);
      const type = types.get(dictionaryHead(message, where).id);
      if (type !== undefined) checkLengths([type], head, where);
    }
    this.#dictionaries = library.loadDictionaries(this.#schema.library, context.messages, where);
    this.#words = new WeakMap();
    for (const [id, vector] of this.#dictionaries) {
      const type = types.get(id);
      if (type !== undefined) for (const piece of library.piecesOf(vector)) validateColumn(type, piece, `dictionary ${id}`, where);
    }
  }

  decode(chunk: Chunk, batch: Batch, maxRecords = Infinity): void {
    const where = { byte: chunk.offset };
    this.#parts = partsOf(chunk.bytes, where);
    const { message, head } = this.#plain(this.#parts, where);
    this.#columns = this.#columnsOf(message, head, where);
    for (const [index, { name, type }] of this.#fields.entries()) validateColumn(type, this.#place(index, where), name, where);

    const records = Math.min(head.rows, maxRecords);
    batch.reset(records);
    const recordText = this.#recordReader();
    fillBatch(batch, records, this.#sources(batch, where), this.#words, (record) => ({ byte: this.#byteOf(record), record: recordText(record) }));
    batch.kept = this.#layout.kept.map(({ name, column }) => this.#kept(name, column, where));
  }

  locate(record: number): { readonly line: null; readonly byte: number; readonly record: string } {
    return { line: null, byte: this.#byteOf(record), record: this.#recordReader()(record) };
  }

  #columnsOf(message: Message, head: BatchHead, where: Where): readonly Column[] {
    const library = this.#library;
    if (library === undefined) return directColumns(this.#fields, message, head, where);
    return library.columnsOf(library.loadBatch(this.#schema.library, this.#dictionaries, message.bytes, where));
  }

  /** The chunk as one record batch, not compressed, of the columns that are read. */
  #plain(parts: readonly ChunkPart[], where: Where): OpenedBatch {
    const [first] = parts;
    if (first !== undefined && parts.length === 1) return this.#plainPart(first, this.#memory);
    const opened = parts.map((part) => ({ ...part, ...this.#plainPart(part, (length) => new Uint8Array(length)) }));
    return openBatch(joinParts(opened, this.#schema.fields, this.#memory), where);
  }

  /** One record batch as it is read; its lengths are proven. */
  #plainPart({ message, head, where }: ChunkPart, allocate: (bytes: number) => Uint8Array): OpenedBatch {
    checkLengths(this.#schema.types, head, where);
    const bytes = plainMessage(message, head, this.#schema.fields, where, { codec: this.#codec, drop: true, allocate });
    return bytes === message.bytes ? { message, head } : openBatch(bytes, where);
  }

  /** Where the record batch of a record starts in the chunk. */
  #byteOf(record: number): number {
    const start = this.#parts[0]?.where.byte ?? 0;
    const part = this.#parts.findLast(({ firstRecord }) => firstRecord <= record);
    return (part?.where.byte ?? start) - start;
  }

  /** The same memory for every batch: columns are valid until the next one only. */
  readonly #memory = (bytes: number): Uint8Array => {
    if (this.#scratch.byteLength < bytes) this.#scratch = new ArrayBuffer(Math.ceil((bytes * 9) / 8 / 8) * 8);
    return new Uint8Array(this.#scratch, 0, bytes);
  };

  #sources(batch: Batch, where: Where): readonly Source[] {
    this.#stores = this.#stores?.batch === batch ? this.#stores : { batch, stores: this.#openStores(batch) };
    return this.#layout.fields.flatMap((field, index) => {
      const tensor = batch.tensors[field.tensor];
      const store = this.#stores?.stores[index];
      const type = this.#schema.fields[field.column]?.type;
      if (tensor === undefined || store === undefined || type === undefined) return [];
      return [{ field, type, column: this.#column(field.column, where), tensor, store, copyable: this.#nullsOf(field).numbers.size === 0 }];
    });
  }

  #openStores(batch: Batch): readonly FieldStore[] {
    return this.#layout.fields.flatMap((field) => {
      const tensor = batch.tensors[field.tensor];
      return tensor === undefined ? [] : [openFieldStore(field, tensor, this.#nullsOf(field))];
    });
  }

  #kept(name: string, index: number, where: Where): KeptColumn {
    const column = this.#column(index, where);
    const type = this.#schema.fields[index]?.type ?? { kind: 'null' };
    const words = this.#words;
    let read: ((record: number) => string | null) | undefined;
    return {
      name,
      text: (record) => (read ??= textReader(type, column, words))(record),
      native: { format: 'arrow', vector: column },
    };
  }

  /** Gives records of the batch in hand as JSON; opened when the first one is asked for. */
  #recordReader(): (record: number) => string {
    const columns = this.#columns;
    let readers: readonly ((record: number) => string)[] | undefined;
    return (record) => {
      readers ??= this.#fields.flatMap(({ type }, index) => {
        const column = columns[index];
        return column === undefined ? [] : [jsonReader(type, column, this.#words)];
      });
      return objectText(this.#fields, readers, record);
    };
  }

  /** By the column's number in the source. */
  #column(column: number, where: Where): Column {
    return this.#place(this.#schema.placeOf(column), where);
  }

  /** By the column's place among those that are read. */
  #place(place: number, where: Where): Column {
    const column = this.#columns[place];
    if (column === undefined) throw corrupt(where, `a record batch of ${this.#columns.length} columns, the schema has ${this.#fields.length}`);
    return column;
  }
}

/** A record batch with its head, which is proven sound. */
interface OpenedBatch {
  readonly message: Message;
  readonly head: BatchHead;
}

function openBatch(bytes: Uint8Array, where: Where): OpenedBatch {
  const message = openMessage(bytes, where);
  return { message, head: checkBatchHead(message, where) };
}

/** The library pads columns of another length than the batch with nulls. */
function checkLengths(types: readonly ArrowType[], { rows, nodeWords }: BatchHead, where: Where): void {
  let node = 0;
  for (const type of types) {
    const length = nodeWords[2 * node];
    if (length !== rows) throw corrupt(where, `a column of ${length ?? 'no'} values in a batch of ${rows} rows`);
    node += nodesOf(type);
  }
  const nodes = nodeWords.length / 2;
  if (node !== nodes) throw corrupt(where, `a record batch of ${nodes} columns, nested ones included; the schema has ${node}`);
}

/** Columns that a type takes in a batch: itself and what is nested in it. */
function nodesOf(type: ArrowType): number {
  return childTypes(type).reduce((sum, child) => sum + nodesOf(child), 1);
}
