import type { Schema } from 'apache-arrow';
import type { Assembler, AssemblerSnapshot, ChunkContext, EncodedChunk, WrittenBytes } from '../format.js';
import { checkBatchHead } from './batch-header.js';
import { loadCodec, type Codec } from './codec/codec.js';
import { deflateMessage } from './deflate.js';
import { DictionaryOutput } from './dictionary-output.js';
import { blockOf, MAGIC, type Block } from './footer.js';
import { patchIndices, type Remap } from './index-patch.js';
import { FooterWriter, MessageWriter } from './message-writer.js';
import { openMessage } from './message.js';
import { outputSchema } from './output-schema.js';
import { plainMessage } from './plain.js';
import { rescan } from './rescan.js';
import { Runs } from './runs.js';
import type { ArrowEncoderSetup } from './setup.js';
import { OpenedSchema } from './source-schema.js';

const END_MARKER = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);

/**
 * Puts record batch messages together to an Arrow file or stream on the main thread: schema, dictionaries (in a stream where they change), batches in
 * order, end marker, and for a file magic and footer. Valid also without any batch. Throws OutputError (`arrow-dictionary-nested`,
 * `arrow-dictionary-overflow`) before anything wrong is given out.
 */
export async function openArrowAssembler(setup: ArrowEncoderSetup): Promise<Assembler> {
  return new ArrowAssembler(setup, setup.compression === undefined ? undefined : await loadCodec(setup.compression));
}

class ArrowAssembler implements Assembler {
  readonly #container: 'file' | 'stream';
  readonly #schema: Schema;
  readonly #schemaMessage: Uint8Array;
  readonly #codec: Codec | undefined;
  readonly #dictionaries: DictionaryOutput | undefined;
  readonly #batchBlocks: Block[] = [];
  readonly #dictionaryBlocks: Block[] = [];
  #position = 0;
  readonly #placed = new Runs();
  /** Of the run that this one goes on from; its chunks are passed in the same order. */
  #earlier: Iterator<boolean> = new Runs().each();

  constructor(setup: ArrowEncoderSetup, codec: Codec | undefined) {
    this.#container = setup.container;
    this.#codec = codec;
    this.#schema = outputSchema(setup);
    this.#schemaMessage = new MessageWriter().schemaMessage(this.#schema);
    if (setup.sourceSchema === undefined) return;
    const source = new OpenedSchema(setup.sourceSchema);
    const kept = setup.kept.flatMap(({ column }) => source.fields[column] ?? []);
    this.#dictionaries = new DictionaryOutput(setup.container, source.library, kept, setup.allDictionaries ?? false);
  }

  head(): Uint8Array {
    const magic = this.#container === 'file' ? [...MAGIC, 0, 0] : [];
    const head = Buffer.concat([new Uint8Array(magic), this.#schemaMessage]);
    this.#position += head.length;
    return head;
  }

  place(encoded: EncodedChunk, context?: ChunkContext): readonly Uint8Array[] {
    this.#placed.add(encoded.bytes.length > 0);
    if (encoded.bytes.length === 0) return [];
    const update = context === undefined ? undefined : this.#dictionaries?.update(context);
    const messages = (update?.messages ?? []).map((message) => this.#packed(message));
    const batch = update === undefined || update.remaps.size === 0 ? encoded.bytes : this.#patched(encoded.bytes, update.remaps);
    for (const message of messages) this.#note(message, this.#dictionaryBlocks);
    this.#note(batch, this.#batchBlocks);
    return [...messages, batch];
  }

  tail(): Uint8Array {
    if (this.#container === 'stream') return END_MARKER.slice();
    const messages = (this.#dictionaries?.finish() ?? []).map((message) => this.#packed(message));
    for (const message of messages) this.#note(message, this.#dictionaryBlocks);
    return Buffer.concat([...messages, new FooterWriter().footer(this.#schema, this.#dictionaryBlocks, this.#batchBlocks)]);
  }

  snapshot(): AssemblerSnapshot {
    return this.#placed.lengths();
  }

  async goOn(snapshot: AssemblerSnapshot, written: WrittenBytes): Promise<void> {
    const start = this.head().length;
    this.#earlier = new Runs(snapshot).each();
    this.#position = written.bytes;
    if (this.#container === 'stream') return; // lists no blocks at its end
    const { dictionaries, batches } = await rescan(written, start);
    this.#dictionaryBlocks.push(...dictionaries);
    this.#batchBlocks.push(...batches);
  }

  pass(context?: ChunkContext): void {
    const gaveRows = this.#earlier.next().value === true;
    this.#placed.add(gaveRows);
    // What the update gives to write is written.
    if (gaveRows && context !== undefined) this.#dictionaries?.update(context);
  }

  #packed(message: Uint8Array): Uint8Array {
    return this.#codec === undefined ? message : deflateMessage(message, this.#codec);
  }

  /** The batch with other dictionary indices; a compressed one is unpacked for that. */
  #patched(bytes: Uint8Array, remaps: ReadonlyMap<number, Remap>): Uint8Array {
    const where = { byte: this.#position };
    const message = openMessage(bytes, where);
    const head = checkBatchHead(message, where);
    const { fields } = new OpenedSchema(this.#schemaMessage);
    const plain = plainMessage(message, head, fields, where, { codec: this.#codec, drop: false, allocate: (length) => new Uint8Array(length) });
    patchIndices(plain, this.#dictionaries?.types ?? [], remaps);
    return this.#packed(plain);
  }

  #note(message: Uint8Array, blocks: Block[]): void {
    blocks.push(blockOf(openMessage(message, { byte: this.#position })));
    this.#position += message.length;
  }
}
