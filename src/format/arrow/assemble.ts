import type { Schema } from 'apache-arrow';
import type { Assembler, ChunkContext, EncodedChunk } from '../format.js';
import { DictionaryOutput } from './dictionary-output.js';
import { blockOf, MAGIC, type Block } from './footer.js';
import { patchIndices } from './index-patch.js';
import { FooterWriter, MessageWriter } from './message-writer.js';
import { openMessage } from './message.js';
import { outputSchema } from './output-schema.js';
import { readSchema } from './schema.js';
import type { ArrowEncoderSetup } from './setup.js';

const END_MARKER = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);

/**
 * Puts record batch messages together to an Arrow file or stream on the main thread: schema, dictionaries where they change, batches in order, end
 * marker, and for a file magic and footer. Valid also without any batch. Throws OutputError (`arrow-dictionary-nested`,
 * `arrow-dictionary-overflow`) before anything wrong is given out.
 */
export function openArrowAssembler(setup: ArrowEncoderSetup): Assembler {
  return new ArrowAssembler(setup);
}

class ArrowAssembler implements Assembler {
  readonly #container: 'file' | 'stream';
  readonly #schema: Schema;
  readonly #dictionaries: DictionaryOutput | undefined;
  readonly #batchBlocks: Block[] = [];
  readonly #dictionaryBlocks: Block[] = [];
  #position = 0;

  constructor(setup: ArrowEncoderSetup) {
    this.#container = setup.container;
    this.#schema = outputSchema(setup);
    if (setup.sourceSchema === undefined) return;
    const fields = readSchema(openMessage(setup.sourceSchema, { byte: 0 }), { byte: 0 });
    const kept = setup.kept.flatMap(({ column }) => fields[column] ?? []);
    this.#dictionaries = new DictionaryOutput(setup.container, setup.sourceSchema, kept);
  }

  head(): Uint8Array {
    const magic = this.#container === 'file' ? [...MAGIC, 0, 0] : [];
    const head = Buffer.concat([new Uint8Array(magic), new MessageWriter().schemaMessage(this.#schema)]);
    this.#position += head.length;
    return head;
  }

  place(encoded: EncodedChunk, context?: ChunkContext): readonly Uint8Array[] {
    if (encoded.bytes.length === 0) return [];
    const update = context === undefined ? undefined : this.#dictionaries?.update(context);
    if (update !== undefined && update.remaps.size > 0) patchIndices(encoded.bytes, this.#dictionaries?.types ?? [], update.remaps);
    for (const message of update?.messages ?? []) this.#note(message, this.#dictionaryBlocks);
    this.#note(encoded.bytes, this.#batchBlocks);
    return [...(update?.messages ?? []), encoded.bytes];
  }

  tail(): Uint8Array {
    if (this.#container === 'stream') return END_MARKER.slice();
    return new FooterWriter().footer(this.#schema, this.#dictionaryBlocks, this.#batchBlocks);
  }

  #note(message: Uint8Array, blocks: Block[]): void {
    blocks.push(blockOf(openMessage(message, { byte: this.#position })));
    this.#position += message.length;
  }
}
