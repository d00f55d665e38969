import { InputError } from '../../errors/errors.js';
import { CODEC_NAMES, type CodecName } from './codec/codec.js';
import { corrupt, guarded, type Where } from './faults.js';
import type { Table } from './flatbuffer.js';
import { BODY_LIMIT_BYTES, type Message } from './message.js';

/** Columns of nulls, and lists of them, take no bytes: their length is believed so far. */
const BELIEVED_VALUES = 2 ** 24;

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

/** What it takes to plan for a record batch, not proven sound. Throws InputError: `arrow-corrupt`, `arrow-compressed`. */
export function glanceAtBatch({ header }: Pick<Message, 'header'>, where: Where): { readonly rows: number; readonly codec: CodecName | undefined } {
  return guarded(where, 'a record batch', () => ({ rows: header.long(0), codec: codecOf(header, where) }));
}

/** What the head of a batch says; in the format's order, parents before what is nested in them. */
export interface BatchHead {
  readonly rows: number;
  /** Length and null count of each column, one behind the other: where there are very many batches, pairs cost more than what they hold. */
  readonly nodeWords: readonly number[];
  /** Offset in the body and length of each buffer, one behind the other. */
  readonly bufferWords: readonly number[];
  /** Length of each column, nested ones included. */
  readonly lengths: readonly number[];
  /** Length and null count of each column. */
  readonly nodes: readonly (readonly number[])[];
  /** Offset in the body and length of each buffer. */
  readonly buffers: readonly (readonly number[])[];
  /** Numbers of data buffers of the columns of views. */
  readonly viewBuffers: readonly number[];
  readonly codec: CodecName | undefined;
}

/**
 * The head of a record batch, or of the batch inside a dictionary message, proven sound: every buffer lies inside the body, aligned to
 * 8 bytes, and no count is negative. The library cuts short silently what runs past the end, and counts a negative position from the end.
 * Throws InputError: `arrow-corrupt`, `arrow-compressed` (a codec that the format does not know).
 */
export function checkBatchHead(message: Pick<Message, 'kind' | 'header' | 'body'>, where: Where): BatchHead {
  return guarded(where, 'a record batch', () => {
    const batch = message.kind === 'dictionary' ? message.header.table(1) : message.header;
    if (batch === undefined) throw corrupt(where, 'a dictionary without values');
    const codec = codecOf(batch, where);
    const rows = batch.long(0);
    // A compressed body says little of what it holds; that is looked at again when it is inflated.
    const most = codec === undefined ? Math.max(BELIEVED_VALUES, 8 * message.body.length) : 8 * BODY_LIMIT_BYTES;
    if (rows < 0 || rows > most) throw corrupt(where, `a record batch of ${rows} rows in ${message.body.length} bytes`);
    const nodes = batch.words(1, 2);
    for (let at = 0; at < nodes.length; at += 2) {
      const [length, nulls] = [nodes[at] as number, nodes[at + 1] as number];
      if (length < 0 || length > most || nulls < 0 || nulls > length) throw corrupt(where, `a column of ${length} values, ${nulls} of them null`);
    }
    const buffers = batch.words(2, 2);
    for (let at = 0; at < buffers.length; at += 2) {
      const [offset, length] = [buffers[at] as number, buffers[at + 1] as number];
      if (offset < 0 || length < 0 || offset + length > message.body.length) {
        throw corrupt(where, `buffer ${at / 2} takes ${length} bytes at ${offset} of a body of ${message.body.length}`);
      }
      if (length > 0 && offset % 8 !== 0) throw corrupt(where, `buffer ${at / 2} stands at byte ${offset} of the body, which is no multiple of 8`);
    }
    const viewBuffers = batch.longs(4);
    for (const count of viewBuffers) {
      if (count < 0 || count > buffers.length / 2) throw corrupt(where, `a column of ${count} data buffers`);
    }
    return new SoundHead(rows, nodes, buffers, viewBuffers, codec);
  });
}

/** Makes the pairs when somebody asks for them. */
class SoundHead implements BatchHead {
  #nodes: readonly (readonly number[])[] | undefined;
  #buffers: readonly (readonly number[])[] | undefined;
  #lengths: readonly number[] | undefined;

  constructor(
    readonly rows: number,
    readonly nodeWords: readonly number[],
    readonly bufferWords: readonly number[],
    readonly viewBuffers: readonly number[],
    readonly codec: CodecName | undefined,
  ) {}

  get lengths(): readonly number[] {
    return (this.#lengths ??= this.nodeWords.filter((_, at) => at % 2 === 0));
  }

  get nodes(): readonly (readonly number[])[] {
    return (this.#nodes ??= pairs(this.nodeWords));
  }

  get buffers(): readonly (readonly number[])[] {
    return (this.#buffers ??= pairs(this.bufferWords));
  }
}

function pairs(words: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: words.length / 2 }, (_, index) => [words[2 * index] as number, words[2 * index + 1] as number]);
}

function codecOf(batch: Table, where: Where): CodecName | undefined {
  const compression = batch.table(3);
  if (compression === undefined) return undefined;
  const codec = CODEC_NAMES[compression.byte(0)];
  if (codec !== undefined && compression.byte(1) === 0) return codec;
  const found = codec === undefined ? `codec number ${compression.byte(0)}` : `${codec} by method number ${compression.byte(1)}`;
  throw new InputError('arrow-compressed', `found record batches compressed with ${found}, expected lz4 or zstd, buffer by buffer`, {
    place: where,
    fix: 'Write the file with compression="lz4" or "zstd", or without.',
    details: { codec: compression.byte(0), method: compression.byte(1) },
  });
}
