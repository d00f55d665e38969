import type { Batch } from '#src/batch/batch.js';
import { Batch as TypedBatch } from '#src/batch/batch.js';
import type { Field, KeptField, Layout } from '#src/batch/layout.js';
import type { ResultColumn } from '#src/batch/result.js';
import type { AssemblerSnapshot, Chunk, SourceSchema, WrittenBytes } from '#src/format/format.js';
import type { ByteSource } from '#src/format/source.js';
import { openArrowAssembler } from '#src/format/arrow/assemble.js';
import { openArrowDecoder } from '#src/format/arrow/decode.js';
import { openArrowEncoder } from '#src/format/arrow/encode.js';
import type { ArrowDecoderSetup } from '#src/format/arrow/setup.js';
import { openArrowSplitter } from '#src/format/arrow/split.js';

/** A source over bytes in memory that gives them `stride` at a time; `forward` is a file that cannot be sought, `pipe` has no size either. */
export function memorySource(bytes: Uint8Array, { stride = Infinity, pipe = false, forward = false } = {}): ByteSource {
  let position = 0;
  return {
    name: 'memory',
    size: pipe ? undefined : bytes.length,
    isPipe: pipe,
    ...(pipe || forward
      ? {}
      : {
          readAt: async (into: Uint8Array, from: number) => {
            const part = bytes.subarray(from, from + into.length);
            into.set(part);
            return part.length;
          },
        }),
    peek: async (length) => bytes.subarray(position, position + length),
    read: async (into) => {
      let count = 0;
      while (count < into.length && position < bytes.length) {
        const step = Math.min(stride, into.length - count, bytes.length - position);
        into.set(bytes.subarray(position, position + step), count);
        count += step;
        position += step;
      }
      return count;
    },
    arrival: async () => true,
    readSome: async (into) => {
      const part = bytes.subarray(position, position + Math.min(stride, into.length));
      into.set(part);
      position += part.length;
      return part.length === 0 ? undefined : part.length;
    },
    get position() {
      return position;
    },
    digest: () => '',
    close: async () => undefined,
  };
}

export function containerOf(bytes: Uint8Array): 'arrow' | 'arrows' {
  return Buffer.from(bytes.subarray(0, 6)).toString() === 'ARROW1' ? 'arrow' : 'arrows';
}

export interface Split {
  readonly schema: SourceSchema;
  readonly setup: ArrowDecoderSetup;
  readonly chunks: readonly Chunk[];
}

export async function split(
  bytes: Uint8Array,
  options: { stride?: number; pipe?: boolean; forward?: boolean; container?: 'arrow' | 'arrows'; chunkBytes?: number; blockRows?: number } = {},
): Promise<Split> {
  const { container = containerOf(bytes), chunkBytes = 2 ** 20, blockRows = 1 } = options;
  const splitter = await openArrowSplitter(memorySource(bytes, options), container, chunkBytes, { blockRows });
  const chunks: Chunk[] = [];
  for await (const chunk of splitter.chunks()) chunks.push(chunk);
  return { schema: splitter.schema, setup: splitter.decoderSetup as ArrowDecoderSetup, chunks };
}

export function keepAll(schema: SourceSchema): readonly KeptField[] {
  return schema.columns.map(({ name }, column) => ({ name, column }));
}

export interface RewriteOptions {
  readonly container: 'file' | 'stream';
  /** Records of the whole input to reject after decoding, as the runtime does. */
  readonly reject?: (row: number) => boolean;
  readonly rejectedRows?: 'drop' | 'blank';
  readonly results?: (batch: Batch, firstRow: number) => readonly ResultColumn[];
  readonly stride?: number;
  readonly pipe?: boolean;
  readonly forward?: boolean;
  readonly keep?: (schema: SourceSchema) => readonly KeptField[];
  readonly compression?: 'lz4' | 'zstd';
  readonly chunkBytes?: number;
  /** Before which chunks the run dies, and another one goes on from what is written. */
  readonly dies?: (chunk: number) => boolean;
}

/** All that a run does with Arrow but scoring: split, decode, reject, encode, assemble. */
export async function rewrite(bytes: Uint8Array, options: RewriteOptions): Promise<Uint8Array> {
  const splitAgain = () =>
    split(bytes, {
      stride: options.stride ?? Infinity,
      pipe: options.pipe ?? false,
      forward: options.forward ?? false,
      chunkBytes: options.chunkBytes ?? 2 ** 20,
    });
  const { schema, setup, chunks } = await splitAgain();
  const kept = (options.keep ?? keepAll)(schema);
  const layout: Layout = { tensors: [], fields: [], kept };
  const decoder = await openArrowDecoder(setup, layout);
  const batch = new TypedBatch(layout);
  const results = options.results?.(batch, 0).map(({ field }) => field) ?? [];
  const encoderSetup = {
    format: 'arrow' as const,
    container: options.container,
    sourceSchema: setup.schema,
    ...(setup.allDictionaries === undefined ? {} : { allDictionaries: setup.allDictionaries }),
    ...(options.compression === undefined ? {} : { compression: options.compression }),
    kept,
    results,
    rejectedRows: options.rejectedRows ?? 'drop',
  };
  const encoder = await openArrowEncoder(encoderSetup);
  let assembler = await openArrowAssembler(encoderSetup);
  const parts: Uint8Array[] = [assembler.head()];
  let version: number | undefined;
  let firstRow = 0;
  let cut = chunks;
  for (const [index] of chunks.entries()) {
    if (options.dies?.(index) === true) {
      const left = JSON.parse(JSON.stringify(assembler.snapshot())) as AssemblerSnapshot;
      assembler = await openArrowAssembler(encoderSetup);
      await assembler.goOn(left, memoryBytes(Buffer.concat(parts)));
      cut = (await splitAgain()).chunks;
      for (const { context } of cut.slice(0, index)) assembler.pass(context);
      version = undefined;
    }
    const chunk = cut[index]!;
    if (chunk.context !== undefined && chunk.context.version !== version) {
      version = chunk.context.version;
      decoder.setContext(chunk.context);
    }
    decoder.decode(chunk, batch);
    if (options.reject !== undefined) rejectSome(batch, firstRow, options.reject, (record) => decoder.locate(record));
    const encoded = encoder.encode(batch, options.results?.(batch, firstRow) ?? []);
    parts.push(...assembler.place(encoded, chunk.context).map((part) => part.slice()));
    firstRow += batch.records;
  }
  parts.push(assembler.tail());
  return Buffer.concat(parts);
}

function rejectSome(batch: Batch, firstRow: number, reject: (row: number) => boolean, locate: Parameters<Batch['rejectRows']>[2]): void {
  const rows = new Map<number, string>();
  for (let record = 0; record < batch.records; record++) if (reject(firstRow + record)) rows.set(batch.slots[record]!, 'told to');
  batch.rejectRows('runtime-error', rows, locate);
}

function memoryBytes(bytes: Uint8Array): WrittenBytes {
  const readAt = async (into: Uint8Array, position: number): Promise<number> => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  };
  return { bytes: bytes.length, readAt };
}

/** The text of every cell, row by row, as CSV output would hold it. */
export async function cells(bytes: Uint8Array, options: Parameters<typeof split>[1] = {}): Promise<(string | null)[][]> {
  const { schema, setup, chunks } = await split(bytes, options);
  const layout: Layout = { tensors: [], fields: [], kept: keepAll(schema) };
  const decoder = await openArrowDecoder(setup, layout);
  const batch = new TypedBatch(layout);
  const rows: (string | null)[][] = [];
  for (const chunk of chunks) {
    if (chunk.context !== undefined) decoder.setContext(chunk.context);
    decoder.decode(chunk, batch);
    for (let record = 0; record < batch.records; record++) rows.push(batch.kept.map((column) => column.text(record)));
  }
  return rows;
}

/** Decodes all chunks with a layout, one batch for each, and gives what `read` makes of it. */
export async function decodeWith<Result>(
  bytes: Uint8Array,
  layout: Layout,
  read: (batch: Batch) => Result,
  nullValues?: readonly string[],
): Promise<Result[]> {
  const { setup, chunks } = await split(bytes);
  const decoder = await openArrowDecoder({ ...setup, nullValues }, layout);
  const batch = new TypedBatch(layout);
  return chunks.map((chunk) => {
    if (chunk.context !== undefined) decoder.setContext(chunk.context);
    decoder.decode(chunk, batch);
    return read(batch);
  });
}

export function field(column: number, type: Field['type'], over: Partial<Field> = {}): Field {
  const onMissing = type.startsWith('float')
    ? ({ kind: 'nan' } as const)
    : type === 'string'
      ? ({ kind: 'empty' } as const)
      : ({ kind: 'reject' } as const);
  return { name: `c${column}`, column, tensor: 0, at: column, type, onMissing, ...over };
}

/** Code of the InputError (or other error of ours) that a promise rejects with; what is no such error is thrown on. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'statusName' in error) return String(error.code);
    throw error;
  }
  return 'whole';
}
