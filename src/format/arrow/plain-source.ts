import { dictionaryHead, type BatchHead } from './batch-header.js';
import { loadCodec, type Codec, type CodecName } from './codec/codec.js';
import type { Where } from './faults.js';
import { openMessage, type Message } from './message.js';
import { plainMessage } from './plain.js';
import type { OpenedSchema } from './source-schema.js';
import type { ArrowField, ArrowType } from './type.js';

/**
 * What the main thread unpacks: dictionaries, which every worker and the output need, once each; and record batches only where a source changes its codec
 * half-way.
 */
export class PlainSource {
  readonly #schema: OpenedSchema;
  readonly #dictionaries: ReadonlyMap<number, ArrowType>;
  readonly #codecs = new Map<CodecName, Promise<Codec>>();

  constructor(schema: OpenedSchema) {
    this.#schema = schema;
    this.#dictionaries = schema.dictionaries();
  }

  /** The dictionaries that columns need. */
  get dictionaryIds(): readonly number[] {
    return [...this.#dictionaries.keys()];
  }

  /** A dictionary message, not compressed; undefined for one that no column needs. Throws InputError: `arrow-corrupt`, `arrow-too-large`. */
  async dictionary(message: Message, head: BatchHead, where: Where): Promise<Message | undefined> {
    const { id } = dictionaryHead(message, where);
    const type = this.#dictionaries.get(id);
    if (type === undefined) return undefined;
    return head.codec === undefined ? message : openMessage(await this.#plain(message, head, [{ name: `dictionary ${id}`, type }], where), where);
  }

  /** A record batch message, not compressed. Throws InputError: `arrow-corrupt`, `arrow-too-large`. */
  batch(message: Message, head: BatchHead, where: Where): Promise<Uint8Array> {
    return this.#plain(message, head, this.#schema.fields, where);
  }

  async #plain(message: Message, head: BatchHead, fields: readonly ArrowField[], where: Where): Promise<Uint8Array> {
    const codec = head.codec === undefined ? undefined : await this.#codec(head.codec);
    return plainMessage(message, head, fields, where, { codec, drop: false, allocate: (bytes) => new Uint8Array(bytes) });
  }

  #codec(name: CodecName): Promise<Codec> {
    const known = this.#codecs.get(name) ?? loadCodec(name);
    this.#codecs.set(name, known);
    return known;
  }
}
