import { InputError } from '../../errors/errors.js';
import type { ByteSource } from '../source.js';
import { checkBatchHead } from './batch-header.js';
import { DictionaryLog } from './dictionary-log.js';
import { corrupt, truncated, type Where } from './faults.js';
import { blockOf, checkOrder, disagrees, footerLength, readFooter, TRAILER_BYTES, type Block, type Footer } from './footer.js';
import { frame, openMessage, type Message, type MessageHead } from './message.js';
import type { PlainSource } from './plain-source.js';

/** A source that can be read at any position: a plain file. */
export type SeekableSource = ByteSource & Required<Pick<ByteSource, 'readAt'>>;

export function isSeekable(source: ByteSource): source is SeekableSource {
  return source.readAt !== undefined;
}

/** Alignment and end marker, at most. */
const PADDING_BYTES = 512;

/** An Arrow file as its footer describes it. */
export interface FileFooter {
  /** An encapsulated schema message with the footer's schema: Polars and Arrow JS write none at the start of the file. */
  readonly schema: Message;
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
}

/**
 * Reads the footer of a file, and leaves its bytes to be read forward. Throws InputError: `arrow-truncated`, `arrow-footer`, `arrow-batch-order`,
 * `arrow-corrupt`.
 */
export async function readFileFooter(source: SeekableSource, size: number): Promise<FileFooter> {
  const end = { file: source.name, byte: size };
  const tail = await bytesAt(source, size - TRAILER_BYTES, TRAILER_BYTES, end);
  const length = footerLength(tail, size - TRAILER_BYTES - 8, end);
  const where = { file: source.name, byte: size - TRAILER_BYTES - length };
  const footer = readFooter(await bytesAt(source, where.byte, length, where), where);
  checkOrder(footer.batches, where);
  await checkCover(source, footer, where);
  return { schema: openMessage(schemaMessage(footer), where), dictionaries: footer.dictionaries, batches: footer.batches };
}

/**
 * Reads all dictionaries of a file from where they stand: they may stand behind the batches that need them. Throws InputError: `arrow-truncated`,
 * `arrow-footer`, `arrow-corrupt`, `arrow-compressed`, `arrow-too-large`.
 */
export async function readDictionaries(source: SeekableSource, footer: FileFooter, plain: PlainSource): Promise<DictionaryLog> {
  const dictionaries = new DictionaryLog();
  for (const block of footer.dictionaries) {
    const place = { file: source.name, byte: block.byte };
    const message = await messageAt(source, block, place);
    if (message.kind !== 'dictionary') throw disagrees(place, `its footer lists a dictionary where a ${message.kind} message stands`);
    const opened = await plain.dictionary(message, checkBatchHead(message, place), place);
    if (dictionaries.add(opened, place)) throw corrupt(place, 'a dictionary is replaced, which only a stream may do');
  }
  return dictionaries;
}

/** Throws unless a message that was read is the one that the footer lists. */
export function expectBlock(message: MessageHead | undefined, block: Block, where: Where): asserts message is MessageHead {
  const found = message === undefined ? undefined : blockOf(message);
  if (message?.kind !== 'batch' || found?.metadataBytes !== block.metadataBytes || found.bodyBytes !== block.bodyBytes) {
    throw disagrees(where, `its footer lists a record batch that does not stand there`);
  }
}

/** A footer that lost blocks would lose rows without a word: what it lists must fill the file, but for the schema at the start and for padding. */
async function checkCover(source: SeekableSource, footer: Footer, where: Where): Promise<void> {
  const blocks = [...footer.dictionaries, ...footer.batches].sort((a, b) => a.byte - b.byte);
  let end = 8;
  for (const block of [...blocks, { byte: where.byte, metadataBytes: 0, bodyBytes: 0 }]) {
    const gap = block.byte - end;
    // The schema stands in the footer too, so what stands before the first block is no longer than that.
    const sound = gap >= 0 && gap <= footer.bytes.length + PADDING_BYTES && block.metadataBytes >= 0 && block.bodyBytes >= 0;
    const between = sound ? await bytesAt(source, end, gap, where) : new Uint8Array(0);
    if (!sound || !isPadding(end === 8 ? behindSchema(between, footer, where) : between)) {
      throw disagrees(where, `its footer leaves bytes ${end} to ${block.byte} without a meaning`);
    }
    end = block.byte + block.metadataBytes + block.bodyBytes;
  }
}

/** Zeros, and the end marker before the footer. */
function isPadding(bytes: Uint8Array): boolean {
  const marked = bytes.length >= 8 && bytes.subarray(0, 4).every((byte) => byte === 255);
  return bytes.subarray(marked ? 4 : 0).every((byte) => byte === 0);
}

/** What follows the schema at the start of a file. Arrow JS writes none, Polars one without a length: that is taken whole. */
function behindSchema(gap: Uint8Array, footer: Footer, where: Where): Uint8Array {
  const start = gap.findIndex((byte) => byte !== 0);
  const bytes = gap.subarray(start - (start % 8));
  if (start < 0 || bytes.length < 8) return gap;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefix = view.getInt32(0, true) === -1 ? 8 : 4;
  const length = view.getInt32(prefix - 4, true);
  if (length > 0 && length <= bytes.length - prefix && isSchema(bytes.subarray(prefix, prefix + length), where))
    return bytes.subarray(prefix + length);
  return bytes.length <= footer.bytes.length ? new Uint8Array(0) : bytes;
}

function isSchema(metadata: Uint8Array, where: Where): boolean {
  try {
    return openMessage(frame(metadata, new Uint8Array(0)), where).kind === 'schema';
  } catch {
    return false;
  }
}

async function messageAt(source: SeekableSource, block: Block, where: Where): Promise<Message> {
  const bytes = await bytesAt(source, block.byte, block.metadataBytes + block.bodyBytes, where);
  const prefix = new DataView(bytes.buffer).getInt32(0, true) === -1 ? 8 : 4;
  if (block.metadataBytes < prefix) throw disagrees(where, `its footer lists a message of ${block.metadataBytes} bytes`);
  return openMessage(frame(bytes.subarray(prefix, block.metadataBytes), bytes.subarray(block.metadataBytes)), where, block.metadataBytes);
}

async function bytesAt(source: SeekableSource, position: number, length: number, where: Where): Promise<Uint8Array> {
  if (position < 0) throw truncated(where, 'the footer of the Arrow file is not whole');
  const bytes = new Uint8Array(length);
  if ((await source.readAt(bytes, position)) < length) throw truncated(where, `${length} bytes at byte ${position} are not there`);
  return bytes;
}

/**
 * The footer's schema as a message of its own. Flatbuffers point forward by distances, so a message table in front of a copy of the whole footer can
 * point at the schema where it stands: root offset, vtable (version, kind, header), table.
 */
function schemaMessage({ bytes, version, schemaAt }: Footer): Uint8Array {
  const TABLE = 16;
  const COPY = 32;
  const metadata = new Uint8Array(COPY + bytes.length);
  const view = new DataView(metadata.buffer);
  view.setUint32(0, TABLE, true);
  for (const [index, entry] of [10, 12, 8, 10, 4].entries()) view.setUint16(4 + 2 * index, entry, true);
  view.setInt32(TABLE, TABLE - 4, true);
  view.setUint32(TABLE + 4, COPY + schemaAt - (TABLE + 4), true);
  view.setInt16(TABLE + 8, version, true);
  view.setUint8(TABLE + 10, 1);
  metadata.set(bytes, COPY);
  return frame(metadata, new Uint8Array(0));
}

/** A pipe gives an Arrow file from its start; where what the batches need does not stand before them, it cannot be read. */
export function notStreamable(where: Where, what: 'the schema' | 'a dictionary', cause: unknown): InputError {
  const why = what === 'the schema' ? ' (Polars and Arrow JS write it behind the data), or is damaged' : '';
  return new InputError(
    'arrow-not-streamable',
    `${what} of this Arrow file does not stand ${what === 'the schema' ? 'at its start' : 'before the batches that need it'}${why}`,
    {
      place: where,
      fix: 'Give the path of the file instead of a pipe, or write an Arrow stream.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
