import { corrupt, guarded, type Where } from './faults.js';
import { openMessage, type Message } from './message.js';
import { readSchema } from './schema.js';
import { dictionariesOf, isUnreadable, type ArrowField, type ArrowType } from './type.js';

/** A source's schema as this room reads it, and as the library does: that one lacks the columns that the library has no type for. */
export class OpenedSchema {
  /** Every column of the source. */
  readonly fields: readonly ArrowField[];
  /** Their types. */
  readonly types: readonly ArrowType[];
  /** The encapsulated schema message for the library. */
  readonly library: Uint8Array;
  /** For each column of the source its place among those of the library. */
  readonly #places: ReadonlyMap<number, number>;

  constructor(schema: Uint8Array, where: Where = { byte: 0 }) {
    const message = openMessage(schema, where);
    this.fields = readSchema(message, where);
    this.types = this.fields.map(({ type }) => type);
    const readable = this.fields.flatMap(({ type }, column) => (isUnreadable(type) ? [] : [column]));
    this.#places = new Map(readable.map((column, place) => [column, place]));
    this.library = readable.length === this.fields.length ? schema : withColumns(message, readable, where);
  }

  /** The place of a column in what the library reads. Throws InputError (`arrow-corrupt`) where it has none. */
  placeOf(column: number): number {
    const place = this.#places.get(column);
    if (place === undefined) throw corrupt({ byte: 0 }, `no column ${column + 1} that can be read in a schema of ${this.fields.length}`);
    return place;
  }

  /** The types of the values of all dictionaries that columns in the library's schema need, by id. */
  dictionaries(): ReadonlyMap<number, ArrowType> {
    const needed = this.fields.filter(({ type }) => !isUnreadable(type)).flatMap(({ type }) => dictionariesOf(type));
    return new Map(needed.map(({ id, values }) => [id, values]));
  }
}

/** A schema message with some of the columns, in their order: its vector of fields is shortened in a copy. */
function withColumns(message: Message, columns: readonly number[], where: Where): Uint8Array {
  return guarded(where, 'the schema', () => {
    const bytes = message.bytes.slice();
    const view = new DataView(bytes.buffer, 8);
    const count = message.header.vectorAt(1, 4);
    const first = count + 4;
    for (const [index, column] of columns.entries()) {
      const from = first + 4 * column;
      // A distance from where it stands, which only moves forward: it stays positive.
      view.setUint32(first + 4 * index, view.getUint32(from, true) + from - (first + 4 * index), true);
    }
    view.setUint32(count, columns.length, true);
    return bytes;
  });
}
