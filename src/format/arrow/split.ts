import { InputError } from '../../errors/errors.js';
import type { Chunk, Splitter } from '../format.js';
import type { ByteSource } from '../source.js';
import { checkBatchHead, glanceAtBatch } from './batch-header.js';
import { Chunker, type CutBatch } from './chunker.js';
import { DictionaryLog } from './dictionary-log.js';
import { corrupt, truncated, type Where } from './faults.js';
import { expectBlock, notStreamable, readDictionaries, readFileFooter, type FileFooter, type SeekableSource } from './file-plan.js';
import { blockOf, checkFooter, FOOTER_LIMIT_BYTES, isMagic, type Block } from './footer.js';
import { MessageCutter, type Message, type MessageHead } from './message.js';
import { PlainSource } from './plain-source.js';
import { ReadAhead } from './read-ahead.js';
import { OpenedSchema } from './source-schema.js';
import { typeText } from './type.js';

/**
 * Opens an Arrow source: reads its schema and first record batch, and gives chunks of about `chunkBytes`: small record batches
 * joined, large ones cut by rows (chunker.ts). `arrow` is the file format, `arrows` the stream. The end is proven: the end marker of a stream, the
 * footer of a file, nothing behind them. A plain file is read by its footer (its schema and dictionaries may stand nowhere else, or
 * behind the data), a pipe from its start: there memory is bounded by the largest record batch.
 *
 * Throws InputError: `arrow-container`, `arrow-truncated`, `arrow-corrupt`, `arrow-big-endian`, `arrow-version`, `arrow-type`, `arrow-compressed`,
 * `arrow-too-large`, `arrow-footer`, `arrow-batch-order`, `arrow-not-streamable`, `arrow-trailing-bytes`, `duplicate-column`, `empty-column-name`.
 */
export async function openArrowSplitter(
  source: ByteSource,
  container: 'arrow' | 'arrows',
  chunkBytes: number,
  options: ArrowSplitterOptions = {},
): Promise<Splitter> {
  await openContainer(source, container);
  const reader = source.size === undefined ? source : new ReadAhead(source);
  const cutter = new MessageCutter(reader);
  const size = container === 'arrow' && source.readAt !== undefined ? source.size : undefined;
  const footer = size === undefined ? undefined : await readFileFooter(source as SeekableSource, size);
  const where = { file: source.name, byte: footer?.schema.source.byte ?? reader.position };
  const schemaMessage = footer?.schema ?? (await firstMessage(cutter, container, where));
  const schema = new OpenedSchema(schemaMessage.bytes.slice(), where);
  const plain = new PlainSource(schema);
  const batches =
    footer === undefined || size === undefined
      ? cutForward(reader, container, cutter, plain)
      : cutPlanned(reader, size, cutter, footer, await readDictionaries(source as SeekableSource, footer, plain));
  // Workers load the codec that the first record batch has.
  const first = await batches.next();
  const codec = first.done === true ? undefined : glanceAtBatch(first.value.head, first.value.where).codec;
  const { nullValues, blockRows = 1, join = true } = options;
  const chunker = new Chunker({ source: reader, cutter, plain, fields: schema.fields, codec, chunkBytes, blockRows, join });
  return {
    schema: { format: container, columns: schema.fields.map(({ name, type }) => ({ name, type: typeText(type) })) },
    decoderSetup: {
      format: 'arrow',
      schema: schemaMessage.bytes.slice(),
      nullValues,
      allDictionaries: footer !== undefined,
      ...(codec === undefined ? {} : { codec }),
    },
    headLines: 0,
    chunks: () => toChunks(first, batches, chunker),
    recycle: (buffer) => cutter.recycle(buffer),
  };
}

export interface ArrowSplitterOptions {
  readonly nullValues?: readonly string[] | undefined;
  /** Rows of one call of the model: a record batch is not cut into less. Default: 1. */
  readonly blockRows?: number;
  /** Join small record batches to one chunk. Default: true. */
  readonly join?: boolean;
}

/** Record batches in order; the body of each is read before the next is asked for. */
type CutBatches = AsyncGenerator<CutBatch, void, undefined>;

async function* toChunks(first: IteratorResult<CutBatch, void>, rest: CutBatches, chunker: Chunker): AsyncGenerator<Chunk, void, undefined> {
  try {
    for (let step = first; step.done !== true; step = await rest.next()) yield* chunker.add(step.value);
    yield* chunker.flush();
  } finally {
    await rest.return();
  }
}

async function firstMessage(cutter: MessageCutter, container: 'arrow' | 'arrows', where: Where): Promise<Message> {
  try {
    const first = await cutter.next();
    if (first?.kind === 'schema') return first;
    throw corrupt(where, `found ${first === undefined ? 'the end marker' : `a ${first.kind} message`} where the schema must stand`);
  } catch (error) {
    if (container === 'arrow' && error instanceof InputError && error.code === 'arrow-corrupt') throw notStreamable(where, 'the schema', error);
    throw error;
  }
}

/** The record batches that a file's footer lists; what stands between them is read over. */
async function* cutPlanned(source: ByteSource, size: number, cutter: MessageCutter, footer: FileFooter, dictionaries: DictionaryLog): CutBatches {
  const context = dictionaries.context();
  for (const block of footer.batches) {
    const where = { file: source.name, byte: block.byte };
    await cutter.skipTo(block.byte);
    const head = await cutter.head();
    expectBlock(head, block, where);
    yield { head, context, where };
  }
  await cutter.skipTo(size);
  await closeStream(source, 'the footer of the Arrow file');
}

/** The record batches in the order of the bytes, each with the dictionaries that were given before it. */
async function* cutForward(source: ByteSource, container: 'arrow' | 'arrows', cutter: MessageCutter, plain: PlainSource): CutBatches {
  const log = new DictionaryLog();
  const blocks = { batches: new Array<Block>(), dictionaries: new Array<Block>() };
  for (;;) {
    const where = { file: source.name, byte: source.position };
    const head = await cutter.head();
    if (head === undefined) break;
    expectData(head, where);
    if (head.kind === 'dictionary') {
      const message = await cutter.body(head);
      const replaced = log.add(await plain.dictionary(message, checkBatchHead(message, where), where), where);
      if (replaced && container === 'arrow') throw corrupt(where, 'a dictionary is replaced, which only a stream may do');
      blocks.dictionaries.push(blockOf(message));
      cutter.recycle(message.bytes.buffer as ArrayBuffer);
      continue;
    }
    if (container === 'arrow' && plain.dictionaryIds.some((id) => !log.has(id))) throw notStreamable(where, 'a dictionary', undefined);
    blocks.batches.push(blockOf(head));
    yield { head, context: log.context(), where };
  }
  await (container === 'arrow' ? closeFile(source, cutter, blocks) : closeStream(source, 'the end marker of the Arrow stream'));
}

async function openContainer(source: ByteSource, container: 'arrow' | 'arrows'): Promise<void> {
  const head = await source.peek(8);
  if (head.length < 8) throw truncated({ file: source.name, byte: head.length }, `it is ${head.length} bytes long`);
  const found = kindOf(head);
  if (found === container) {
    if (container === 'arrow') await readMagic(source);
    return;
  }
  const names = {
    arrow: 'an Arrow file (it starts with ARROW1)',
    arrows: 'an Arrow stream',
    feather: 'a Feather V1 file',
    other: 'something else',
  } as const;
  throw new InputError('arrow-container', `found ${names[found]}, expected ${names[container]}`, {
    place: { file: source.name, byte: 0 },
    fix:
      found === 'feather'
        ? 'Write it as Feather V2: pyarrow.feather.write_feather(pyarrow.feather.read_table(path), path).'
        : found === 'other'
          ? 'Give an Arrow IPC file or stream, or name the format of the input.'
          : `Name the format of the input: --input-format ${found}.`,
    details: { found, expected: container },
  });
}

/** The magic with its two zeros, and what follows of the 64 bytes to which some writers (arrow-rs) fill it up. */
async function readMagic(source: ByteSource): Promise<void> {
  let next: Uint8Array;
  do {
    await source.read(new Uint8Array(8));
    next = await source.peek(8);
  } while (source.position < 64 && next.length === 8 && next.every((byte) => byte === 0));
}

/** By the first 8 bytes: the magic of a file, or the length of a stream's first message. */
function kindOf(head: Uint8Array): 'arrow' | 'arrows' | 'feather' | 'other' {
  if (isMagic(head)) return 'arrow';
  if (String.fromCharCode(...head.subarray(0, 4)) === 'FEA1') return 'feather';
  const word = new DataView(head.buffer, head.byteOffset, head.byteLength).getInt32(0, true);
  return word === -1 || (word >= 0 && word < 2 ** 27) ? 'arrows' : 'other';
}

function expectData(message: MessageHead, where: Where): void {
  if (message.kind !== 'batch' && message.kind !== 'dictionary') {
    throw corrupt(where, `found a ${message.kind} message, expected a record batch or a dictionary`);
  }
}

async function closeFile(
  source: ByteSource,
  cutter: MessageCutter,
  blocks: { batches: readonly Block[]; dictionaries: readonly Block[] },
): Promise<void> {
  const where = { file: source.name, byte: source.position };
  const tail = await cutter.rest(FOOTER_LIMIT_BYTES);
  checkFooter(tail, where, blocks.batches, blocks.dictionaries);
}

/** What stands behind the end marker would be dropped without a word: a second stream, put behind the first by `cat`. */
async function closeStream(source: ByteSource, end: string): Promise<void> {
  const byte = source.position;
  if ((await source.read(new Uint8Array(1))) === 0) return;
  throw new InputError('arrow-trailing-bytes', `bytes follow ${end} at byte ${byte}`, {
    place: { file: source.name, byte },
    fix: 'Give one stream at a time: streams cannot be put together with cat.',
  });
}
