import { OutputError } from '../../errors/errors.js';
import type { ChunkContext } from '../format.js';
import { dictionaryHead } from './batch-header.js';
import { jsonReader } from './cell-text.js';
import type { Remap } from './index-patch.js';
import { dataOf, loadDictionaries, piecesOf } from './library.js';
import { MessageWriter } from './message-writer.js';
import { openMessage } from './message.js';
import { takeColumn } from './take.js';
import { dictionariesOf, type ArrowField, type ArrowType } from './type.js';

type DictionaryType = ArrowType & { kind: 'dictionary' };

/** What to write before a record batch, and how to rewrite its indices. */
export interface DictionaryUpdate {
  readonly messages: readonly Uint8Array[];
  readonly remaps: ReadonlyMap<number, Remap>;
}

/**
 * The dictionaries of the kept columns on their way into the output. They pass through as they came: the first one, and what is added to it. Where the
 * source replaces one, a stream may do the same. A file may not: there the new values are added to the old ones, each value once, and the
 * indices of the batches that follow are rewritten.
 */
export class DictionaryOutput {
  readonly #container: 'file' | 'stream';
  readonly #schema: Uint8Array;
  readonly #columns: readonly ArrowField[];
  readonly #types = new Map<number, { readonly type: DictionaryType; readonly column: string }>();
  readonly #inner = new Set<number>();
  readonly #written = new Map<number, readonly Uint8Array[]>();
  readonly #united = new Map<number, UnitedDictionary>();
  readonly #remaps = new Map<number, Remap>();
  #version: number | undefined;

  constructor(container: 'file' | 'stream', schema: Uint8Array, kept: readonly ArrowField[]) {
    this.#container = container;
    this.#schema = schema;
    this.#columns = kept;
    for (const { name, type } of kept) {
      for (const found of dictionariesOf(type)) {
        if (!this.#types.has(found.id)) this.#types.set(found.id, { type: found, column: name });
        for (const { id } of dictionariesOf(found.values)) this.#inner.add(id);
      }
    }
  }

  get types(): readonly ArrowType[] {
    return this.#columns.map(({ type }) => type);
  }

  /** Called for every chunk that gives rows. Throws OutputError: `arrow-dictionary-nested`, `arrow-dictionary-overflow`. */
  update(context: ChunkContext): DictionaryUpdate {
    if (context.version === this.#version) return { messages: [], remaps: this.#remaps };
    this.#version = context.version;
    const messages: Uint8Array[] = [];
    for (const [id, current] of groupById(context.messages)) {
      if (!this.#types.has(id)) continue;
      const before = this.#written.get(id) ?? [];
      this.#written.set(id, current);
      const united = this.#united.get(id);
      const grown = united === undefined && before.every((bytes, index) => bytes === current[index]);
      if (grown) messages.push(...current.slice(before.length));
      else if (this.#container === 'stream') messages.push(...current);
      else messages.push(...this.#unite(id, before, context));
    }
    return { messages, remaps: this.#remaps };
  }

  #unite(id: number, before: readonly Uint8Array[], context: ChunkContext): readonly Uint8Array[] {
    const known = this.#types.get(id);
    if (known === undefined) return [];
    if (this.#inner.has(id) || dictionariesOf(known.type.values).length > 0) {
      throw new OutputError(
        'arrow-dictionary-nested',
        `the dictionary of column "${known.column}" is replaced within the input and is nested in another`,
        {
          place: { column: known.column },
          fix: 'Write an Arrow stream instead of a file (--output-format arrows), or leave the column out (--keep).',
        },
      );
    }
    const united = this.#united.get(id) ?? UnitedDictionary.from(id, known.type, known.column, this.#schema, before);
    this.#united.set(id, united);
    const { remap, messages } = united.add(this.#schema, context.messages);
    this.#remaps.set(id, remap);
    return messages;
  }
}

/** A dictionary that only grows: each value once, by its exact text. */
class UnitedDictionary {
  readonly #id: number;
  readonly #type: DictionaryType;
  readonly #column: string;
  readonly #writer = new MessageWriter();
  readonly #positions = new Map<string, number>();
  #size = 0;

  private constructor(id: number, type: DictionaryType, column: string) {
    this.#id = id;
    this.#type = type;
    this.#column = column;
  }

  /** Starts with what the output already holds. */
  static from(id: number, type: DictionaryType, column: string, schema: Uint8Array, written: readonly Uint8Array[]): UnitedDictionary {
    const united = new UnitedDictionary(id, type, column);
    for (const piece of united.#pieces(schema, written)) {
      const read = jsonReader(type.values, piece);
      for (let index = 0; index < piece.length; index++, united.#size++) {
        const key = read(index);
        if (!united.#positions.has(key)) united.#positions.set(key, united.#size);
      }
    }
    return united;
  }

  /** Where each value of another dictionary stands in this one, and the messages that add those it did not have. */
  add(schema: Uint8Array, messages: readonly Uint8Array[]): { readonly remap: Remap; readonly messages: readonly Uint8Array[] } {
    const remap: number[] = [];
    const added: Uint8Array[] = [];
    for (const piece of this.#pieces(schema, messages)) {
      const read = jsonReader(this.#type.values, piece);
      const fresh: number[] = [];
      for (let index = 0; index < piece.length; index++) {
        const key = read(index);
        const known = this.#positions.get(key);
        if (known === undefined) {
          this.#positions.set(key, this.#size);
          fresh.push(index);
        }
        remap.push(known ?? this.#size++);
      }
      if (fresh.length === 0) continue;
      added.push(this.#writer.dictionaryMessage(dataOf(takeColumn(this.#type.values, piece, Int32Array.from(fresh))), this.#id, true));
    }
    const { bits, signed } = this.#type.index;
    const most = 2 ** (signed ? bits - 1 : bits);
    if (this.#size > most) {
      throw new OutputError(
        'arrow-dictionary-overflow',
        `column "${this.#column}" has ${this.#size} categories over the whole input, its index type holds ${most}`,
        {
          place: { column: this.#column },
          fix: 'Write an Arrow stream instead of a file (--output-format arrows), or write the input with a wider index type.',
        },
      );
    }
    return { remap: Int32Array.from(remap), messages: added };
  }

  #pieces(schema: Uint8Array, messages: readonly Uint8Array[]): ReturnType<typeof piecesOf> {
    const vector = loadDictionaries(schema, messages, { byte: 0 }).get(this.#id);
    return vector === undefined ? [] : piecesOf(vector);
  }
}

function groupById(messages: readonly Uint8Array[]): ReadonlyMap<number, readonly Uint8Array[]> {
  const groups = new Map<number, Uint8Array[]>();
  for (const bytes of messages) {
    const { id } = dictionaryHead(openMessage(bytes, { byte: 0 }), { byte: 0 });
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [bytes]);
    else group.push(bytes);
  }
  return groups;
}
