import {
  Dictionary,
  Field,
  Float64,
  Int8,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampSecond,
  Utf8,
  Vector,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBatchHead } from '#src/format/arrow/batch-header.js';
import { encodeBatchMetadata } from '#src/format/arrow/batch-metadata.js';
import { loadCodec } from '#src/format/arrow/codec/codec.js';
import { frame, openMessage } from '#src/format/arrow/message.js';
import { plainMessage } from '#src/format/arrow/plain.js';
import { openArrowSplitter } from '#src/format/arrow/split.js';
import { openSource } from '#src/format/open-source.js';
import { made } from '../format/arrow/fixtures.js';
import { split } from '../format/arrow/support.js';
import { fixture, ROOT } from '../support/command.js';
import type { Scene } from './scene.js';

const STREAM = readFileSync(fixture('arrow', 'california-head.arrows'));
const FILE = readFileSync(fixture('arrow', 'california-head.arrow'));

const homes = (code: string, about: string, bytes: Uint8Array, name = 'homes.arrows'): Scene => ({
  code,
  about,
  links: ['linear.onnx'],
  files: { [name]: bytes },
  line: `scoreline score -m linear.onnx ${name} -o scores.csv`,
});
const single = (code: string, about: string, bytes: Uint8Array, output = 'scores.csv'): Scene => ({
  code,
  about,
  links: ['single.onnx'],
  files: { 'data.arrows': bytes },
  line: `scoreline score -m single.onnx data.arrows -o ${output}`,
});

/** Arrow that is damaged, of another kind, or cannot be written as asked: 65, 73. */
export const ARROW: readonly Scene[] = [
  homes('arrow-truncated', 'cut off', STREAM.subarray(0, 30_000)),
  homes('arrow-truncated', 'without its end marker', STREAM.subarray(0, STREAM.length - 8)),
  homes('arrow-truncated', 'a file without its footer', FILE.subarray(0, FILE.length - 20), 'homes.arrow'),
  { code: 'arrow-corrupt', about: 'damaged', links: ['single.onnx'], files: { 'data.feather': readFileSync(join(ROOT, 'test/cases/arrow-damaged/in.feather')) }, line: 'scoreline score -m single.onnx data.feather -o scores.csv' },
  homes('arrow-footer', 'two files in one', Buffer.concat([FILE, FILE]), 'homes.arrow'),
  homes('arrow-batch-order', 'a footer with another order', swapped(), 'homes.arrow'),
  homes('arrow-trailing-bytes', 'two streams in one', Buffer.concat([STREAM, STREAM])),
  homes('arrow-version', 'from before Arrow 0.8', oldVersion()),
  homes('arrow-big-endian', 'from a big-endian machine', bigEndian()),
  single('arrow-compressed', 'another codec', await otherCodec()),
  { code: 'arrow-too-large', about: 'a bomb', call: { shown: 'scoreline score -m single.onnx data.arrows -o scores.csv', run: bomb } },
  { code: 'arrow-type', about: 'a type that is not read', links: ['single.onnx'], files: { 'data.arrow': readFileSync(join(ROOT, 'test/cases/arrow-list-view-kept/in.arrow')) }, line: 'scoreline score -m single.onnx data.arrow -o scores.csv' },
  single('column-type', 'a time for a number', written([['x', vectorFromArray([1000, 2000], new TimestampSecond())]])),
  single('duplicate-column', 'two columns of one name', written([['x', numbers()], ['y', numbers()], ['x', numbers()]])),
  single('empty-column-name', 'a column without a name', written([['x', numbers()], ['', numbers()]])),
  { code: 'arrow-not-streamable', about: "Polars' file through a pipe", links: ['single.onnx'], stdin: made('polars.arrow'), line: 'scoreline score -m single.onnx' },
  { code: 'arrow-container', about: 'as a library, told otherwise', files: { 'data.arrow': STREAM }, call: { shown: "openArrowSplitter(source, 'arrow')", run: toldOtherwise } },
  single('arrow-dictionary-overflow', 'more categories in all than the index type holds', replacing(0), 'scores.arrow'),
  single('arrow-dictionary-nested', 'a replaced dictionary within another', replacing(1), 'scores.arrow'),
]; // prettier-ignore

function numbers(): Vector {
  return vectorFromArray([1, 2], new Float64());
}

/** A stream of one batch with these columns, whose names may be the same. */
function written(columns: readonly (readonly [name: string, values: Vector])[]): Uint8Array {
  const fields = columns.map(([name, values]) => new Field(name, values.type, true));
  return streamOf(fields, [columns.map(([, values]) => values.data[0]!)]);
}

function streamOf(fields: readonly Field[], batches: readonly (readonly Data[])[]): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  const schema = new Schema([...fields]);
  for (const children of batches) {
    const data = makeData({ type: new Struct([...fields]), length: children[0]!.length, nullCount: 0, children: [...children] });
    writer.write(new RecordBatch(schema, data));
  }
  return writer.finish().toUint8Array(true);
}

/** Two batches, each with a dictionary of 100 values of its own; the index type holds 128. At depth 1 the dictionary stands in lists within another. */
function replacing(depth: 0 | 1): Uint8Array {
  const inner = new Dictionary(new Utf8(), new Int8(), 7);
  const list = new List(new Field('word', inner, true));
  const outer = new Dictionary(list, new Int8(), 8);
  const type = depth === 0 ? inner : outer;
  const batches = ['a', 'b'].map((letter) => {
    const words = vectorFromArray(Array.from({ length: 100 }, (_, index) => `${letter}${index}`), new Utf8()); // prettier-ignore
    const codes = makeData({ type: inner, length: 2, nullCount: 0, data: Int8Array.of(0, 1), dictionary: words });
    const lists = makeData({ type: list, length: 1, nullCount: 0, valueOffsets: Int32Array.of(0, 2), child: codes });
    const column =
      depth === 0 ? codes : makeData({ type: outer, length: 2, nullCount: 0, data: Int8Array.of(0, 0), dictionary: new Vector([lists]) });
    return [numbers().data[0]!, column];
  });
  return streamOf([new Field('x', new Float64(), true), new Field('c', type, true)], batches);
}

/** The message table at the start of a stream: where its fields stand, by number. */
function schemaTable(bytes: Uint8Array): { readonly view: DataView; readonly follow: (table: number, field: number) => number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const follow = (table: number, field: number): number => table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * field, true);
  return { view, follow };
}

function oldVersion(): Uint8Array {
  const bytes = Uint8Array.from(STREAM);
  const { view, follow } = schemaTable(bytes);
  view.setInt16(follow(8 + view.getUint32(8, true), 0), 2, true);
  return bytes;
}

/** The writer leaves out the default (little): the schema's endianness is pointed at two bytes that are not zero. */
function bigEndian(): Uint8Array {
  const bytes = Uint8Array.from(STREAM);
  const { view, follow } = schemaTable(bytes);
  const header = follow(8 + view.getUint32(8, true), 2);
  const schema = header + view.getUint32(header, true);
  const vtable = schema - view.getInt32(schema, true);
  view.setUint16(vtable + 4, view.getUint16(vtable + 6, true), true);
  return bytes;
}

/** The blocks of the footer's first two record batches change places; each is 24 bytes. */
function swapped(): Uint8Array {
  const bytes = Uint8Array.from(FILE);
  const view = new DataView(bytes.buffer);
  const footer = bytes.length - 10 - view.getInt32(bytes.length - 10, true);
  const root = footer + view.getUint32(footer, true);
  const at = root + view.getUint16(root - view.getInt32(root, true) + 4 + 2 * 3, true);
  const first = at + view.getUint32(at, true) + 4;
  const block = bytes.slice(first, first + 24);
  bytes.copyWithin(first, first + 24, first + 48);
  bytes.set(block, first + 24);
  return bytes;
}

async function otherCodec(): Promise<Uint8Array> {
  const bytes = made('series-zstd.arrows').slice();
  const [chunk] = (await split(bytes)).chunks;
  const { view, follow } = schemaTable(bytes.subarray(chunk!.offset + 8));
  const pointed = (at: number): number => at + view.getUint32(at, true);
  bytes[chunk!.offset + 8 + follow(pointed(follow(pointed(follow(pointed(0), 2)), 3)), 0)] = 9;
  return bytes;
}

/** A stream that is opened as a file. */
async function toldOtherwise(): Promise<void> {
  const source = await openSource('data.arrow');
  try {
    await openArrowSplitter(source, 'arrow', 1 << 20);
  } finally {
    await source.close();
  }
}

/** A record batch of 13 KB that would unpack to 400 MiB. */
async function bomb(): Promise<void> {
  const blocks = 3200;
  const body = new Uint8Array(8 + 6 + 4 * blocks + 2);
  const view = new DataView(body.buffer);
  view.setBigInt64(0, BigInt(blocks * 2 ** 17), true);
  view.setUint32(8, 0xfd2fb528, true);
  for (let index = 0; index < blocks; index++) view.setUint32(14 + 4 * index, ((2 ** 17) << 3) | (1 << 1) | (index === blocks - 1 ? 1 : 0), true);
  const where = { file: 'data.arrows', byte: 408 };
  const rows = blocks * 2 ** 14;
  const buffers = [[0, 0], [0, body.length]]; // prettier-ignore
  const metadata = encodeBatchMetadata({ version: 4, rows, nodes: [[rows, 0]], buffers, viewBuffers: [], codec: 'zstd', dictionary: undefined, bodyBytes: body.length }); // prettier-ignore
  const message = openMessage(frame(metadata, body), where);
  const fields = [{ name: 'x', type: { kind: 'int', bits: 64, signed: true } }] as const;
  const allocate = (bytes: number): Uint8Array => new Uint8Array(bytes);
  plainMessage(message, checkBatchHead(message, where), fields, where, { codec: await loadCodec('zstd'), drop: false, allocate });
}
