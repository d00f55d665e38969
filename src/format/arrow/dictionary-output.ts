import { OutputError } from '../../errors/errors.js';
import type { ChunkContext } from '../format.js';
import { dictionaryHead } from './batch-header.js';
import { jsonReader } from './cell-text.js';
import type { Column } from './column.js';
import { concatColumns } from './concat.js';
import type { Remap } from './index-patch.js';
import { buildData, dataOf, loadDictionaries, piecesOf } from './library.js';
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
 * The dictionaries of the kept columns on their way into the output. Some readers (Polars) take a dictionary in one piece only, and a file may not replace
 * one. So it is written once, whole: in front of the batches where the source is a file, whose dictionaries are all known by then; behind them where
 * a stream may still change it and a file is written, which the format allows (Columnar.rst, "IPC File Format"). There the values of a
 * dictionary that replaces another are added to the old ones, each value once, and the indices of the batches that follow are
 * rewritten. From stream to stream dictionaries pass as they come: each new one, and what is added to it.
 */
export class DictionaryOutput {
  readonly #place: 'as they come' | 'in front' | 'behind';
  readonly #schema: Uint8Array;
  readonly #columns: readonly ArrowField[];
  readonly #types = new Map<number, { readonly type: DictionaryType; readonly column: string }>();
  readonly #inner = new Set<number>();
  readonly #known = new Map<number, readonly Uint8Array[]>();
  readonly #united = new Map<number, UnitedDictionary>();
  readonly #remaps = new Map<number, Remap>();
  #version: number | undefined;

  /** `schema` is that of the source, as the library takes it; `allKnown`: the source gives all its dictionaries with its first batch. */
  constructor(container: 'file' | 'stream', schema: Uint8Array, kept: readonly ArrowField[], allKnown: boolean) {
    this.#place = allKnown ? 'in front' : container === 'stream' ? 'as they come' : 'behind';
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
    const isFirst = this.#version === undefined;
    this.#version = context.version;
    const messages: Uint8Array[] = [];
    for (const [id, current] of groupById(context.messages)) {
      if (!this.#types.has(id)) continue;
      const before = this.#known.get(id) ?? [];
      this.#known.set(id, current);
      const grown = !this.#united.has(id) && before.every((bytes, index) => bytes === current[index]);
      if (this.#place === 'as they come') messages.push(...(grown ? current.slice(before.length) : current));
      else if (!grown) this.#unite(id, before, context);
    }
    return { messages: this.#place === 'in front' && isFirst ? this.#whole() : messages, remaps: this.#remaps };
  }

  /** What to write behind the last batch. */
  finish(): readonly Uint8Array[] {
    return this.#place === 'behind' ? this.#whole() : [];
  }

  /** Every dictionary as one message, inner ones first. */
  #whole(): readonly Uint8Array[] {
    return [...this.#types].flatMap(([id, { type }]) => {
      const known = this.#known.get(id) ?? [];
      const united = this.#united.get(id);
      if (united === undefined && known.length <= 1) return known;
      const pieces = united?.pieces ?? piecesIn(this.#schema, known, id);
      return [new MessageWriter().dictionaryMessage(dataOf(concatColumns(type.values, pieces)), id, false)];
    });
  }

  #unite(id: number, before: readonly Uint8Array[], context: ChunkContext): void {
    const known = this.#types.get(id);
    if (known === undefined) return;
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
    this.#remaps.set(id, united.add(this.#schema, context.messages));
  }
}

/** A dictionary that only grows: each value once, by its exact text. */
class UnitedDictionary {
  readonly pieces: Column[] = [];
  readonly #id: number;
  readonly #type: DictionaryType;
  readonly #column: string;
  readonly #positions = new Map<string, number>();
  #size = 0;

  private constructor(id: number, type: DictionaryType, column: string) {
    this.#id = id;
    this.#type = type;
    this.#column = column;
  }

  /** Starts with what the batches before refer to. */
  static from(id: number, type: DictionaryType, column: string, schema: Uint8Array, before: readonly Uint8Array[]): UnitedDictionary {
    const united = new UnitedDictionary(id, type, column);
    for (const piece of piecesIn(schema, before, id)) {
      const read = jsonReader(type.values, piece);
      for (let index = 0; index < piece.length; index++, united.#size++) {
        const key = read(index);
        if (!united.#positions.has(key)) united.#positions.set(key, united.#size);
      }
      united.pieces.push(piece);
    }
    return united;
  }

  /** Adds the values of another dictionary that it did not have; gives where each of them stands in this one. */
  add(schema: Uint8Array, messages: readonly Uint8Array[]): Remap {
    const remap: number[] = [];
    for (const piece of piecesIn(schema, messages, this.#id)) {
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
      if (fresh.length > 0) this.pieces.push(takeColumn(this.#type.values, piece, Int32Array.from(fresh), buildData));
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
    return Int32Array.from(remap);
  }
}

function piecesIn(schema: Uint8Array, messages: readonly Uint8Array[], id: number): readonly Column[] {
  const vector = loadDictionaries(schema, messages, { byte: 0 }).get(id);
  return vector === undefined ? [] : piecesOf(vector);
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
