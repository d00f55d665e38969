import type { ChunkContext } from '../format.js';
import { dictionaryHead } from './batch-header.js';
import { corrupt, type Where } from './faults.js';
import type { Message } from './message.js';

/**
 * The dictionaries that hold at a point of the stream, by id: the message that set each one and the deltas that followed it. A replacement drops
 * what it replaces, so that a stream that replaces its dictionaries with every batch does not grow in memory.
 */
export class DictionaryLog {
  readonly #messages = new Map<number, Uint8Array[]>();
  #version = 0;
  #context: ChunkContext | undefined;

  /**
   * Takes the next dictionary message, not compressed; true where it replaces an earlier one. Undefined, for a dictionary that no column needs, is passed
   * over. Throws InputError (`arrow-corrupt`).
   */
  add(message: Message | undefined, where: Where): boolean {
    if (message === undefined) return false;
    const { id, isDelta } = dictionaryHead(message, where);
    const known = this.#messages.get(id);
    this.#context = undefined;
    this.#version++;
    const bytes = message.bytes.slice();
    if (isDelta) {
      if (known === undefined) throw corrupt(where, `more values for dictionary ${id}, which was never given`);
      known.push(bytes);
      return false;
    }
    this.#messages.set(id, [bytes]);
    return known !== undefined;
  }

  has(id: number): boolean {
    return this.#messages.has(id);
  }

  /** What a decoder needs for the batches that follow; undefined for a source without dictionaries. The same object until something changes. */
  context(): ChunkContext | undefined {
    if (this.#version === 0) return undefined;
    this.#context ??= { version: this.#version, messages: [...this.#messages.values()].flat() };
    return this.#context;
  }
}
