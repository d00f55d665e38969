import { InputError } from '../../errors/errors.js';
import { corrupt, guarded, unsupportedType, type Where } from './faults.js';
import type { Table } from './flatbuffer.js';
import type { Message } from './message.js';
import { TIME_UNITS, typeText, type ArrowField, type ArrowType, type IntType } from './type.js';

/** Deepest nesting and most fields of a schema: beyond them it is taken for damage. */
const DEPTH_LIMIT = 64;
const FIELD_LIMIT = 500_000;
/** Metadata versions as the format numbers them. */
const V4 = 3;
const V5 = 4;

/** Types that the library cannot read, by the format's own number, with the buffers that each takes for itself. */
const UNREADABLE: Readonly<Record<number, { readonly name: string; readonly buffers: number }>> = {
  22: { name: 'run_end_encoded', buffers: 0 },
  25: { name: 'list_view', buffers: 3 },
  26: { name: 'large_list_view', buffers: 3 },
};

/**
 * Reads the columns of a schema message. What the library cannot read is kept as such: it matters only where a run uses the column. Throws InputError:
 * `arrow-big-endian`, `arrow-version`, `arrow-type` (of a type that the format did not have when this was written), `duplicate-column`,
 * `empty-column-name`, `arrow-corrupt`.
 */
export function readSchema(message: Message, where: Where): readonly ArrowField[] {
  if (message.kind !== 'schema') throw corrupt(where, `found a ${message.kind} message where the schema must stand`);
  if (message.version !== V4 && message.version !== V5) {
    throw new InputError('arrow-version', `metadata version V${message.version + 1} of the Arrow format, expected V4 or V5`, {
      place: where,
      fix: 'Write the file again with Arrow 0.8 or newer.',
    });
  }
  const fields = guarded(where, 'the schema', () => new SchemaReader(message.header, message.version).fields());
  checkNames(fields, where);
  return fields;
}

/** Columns bind by name: each must have one, and no two the same. */
function checkNames(fields: readonly ArrowField[], where: Where): void {
  const place = where.file === undefined ? {} : { file: where.file };
  const seen = new Map<string, number>();
  for (const [index, { name }] of fields.entries()) {
    if (name === '') {
      throw new InputError('empty-column-name', `column ${index + 1} of ${fields.length} has an empty name`, {
        place,
        fix: 'Give every column a name.',
        details: { column: index + 1 },
      });
    }
    const first = seen.get(name);
    if (first !== undefined) {
      throw new InputError('duplicate-column', `columns ${first + 1} and ${index + 1} are both named "${name}"`, {
        place: { ...place, column: name },
        fix: 'Give every column a name of its own.',
        details: { columns: [first + 1, index + 1] },
      });
    }
    seen.set(name, index);
  }
}

class SchemaReader {
  readonly #schema: Table;
  readonly #version: number;
  readonly #dictionaries = new Map<number, string>();
  #fields = 0;

  constructor(schema: Table, version: number) {
    this.#schema = schema;
    this.#version = version;
  }

  fields(): readonly ArrowField[] {
    if (this.#schema.short(0) !== 0) {
      throw new InputError('arrow-big-endian', 'found big-endian Arrow data, expected little-endian', {
        fix: 'Write the file again on, or for, a little-endian machine.',
      });
    }
    walkMetadata(this.#schema, 2);
    return this.#schema.tables(1).map((field) => this.#field(field, undefined, 0));
  }

  #field(table: Table, column: string | undefined, depth: number): ArrowField {
    if (depth > DEPTH_LIMIT || ++this.#fields > FIELD_LIMIT) throw new RangeError('fields nested without end');
    const name = table.text(0) ?? '';
    walkMetadata(table, 6);
    const values = this.#type(table, column ?? name, depth);
    const encoding = table.table(4);
    return { name, type: encoding === undefined ? values : this.#dictionary(encoding, values, column ?? name) };
  }

  #dictionary(encoding: Table, values: ArrowType, column: string): ArrowType {
    const id = encoding.long(0);
    const indexTable = encoding.table(1);
    const index: IntType = indexTable === undefined ? { kind: 'int', bits: 32, signed: true } : intType(indexTable);
    // One id is one dictionary: two value types under it would let one column read the other's values.
    const text = typeText(values);
    if ((this.#dictionaries.get(id) ?? text) !== text) throw new RangeError(`dictionary ${id} has two types, one of them in column "${column}"`);
    this.#dictionaries.set(id, text);
    return { kind: 'dictionary', id, index, values };
  }

  #type(field: Table, column: string, depth: number): ArrowType {
    const number = field.byte(2);
    const children = field.tables(5).map((child) => this.#field(child, column, depth + 1));
    const parameters = field.table(3);
    const only = (): ArrowField => {
      const [child] = children;
      if (child === undefined || children.length !== 1)
        throw new RangeError(`${children.length} children of a list in column "${column}", expected one`);
      return child;
    };
    const type = simpleType(number) ?? (parameters === undefined ? undefined : parametricType(number, parameters));
    if (type !== undefined) return type;
    switch (number) {
      case 12:
        return { kind: 'list', large: false, child: only() };
      case 21:
        return { kind: 'list', large: true, child: only() };
      case 13:
        return { kind: 'struct', fields: children };
      case 14: {
        const dense = parameters?.short(0) === 1;
        // Before V5 a union had a null bitmap of its own, which the library skips: nulls would come out as values.
        if (this.#version === V4)
          return { kind: 'unreadable', name: `${dense ? 'dense' : 'sparse'}_union_before_arrow_1`, buffers: dense ? 3 : 2, fields: children };
        const ids = parameters?.ints(1) ?? [];
        return { kind: 'union', dense, ids: ids.length > 0 ? ids : children.map((_, index) => index), fields: children };
      }
      case 16:
        return { kind: 'fixed-list', size: within(0, 2 ** 31, parameters?.int(0) ?? 0), child: only() };
      case 17:
        return { kind: 'map', large: false, child: mapEntries(only()) };
      default: {
        const known = UNREADABLE[number];
        if (known !== undefined) return { kind: 'unreadable', ...known, fields: children };
        throw unsupportedType(column, `number ${number} of the Arrow format`, 'this type is not known, so it cannot even be passed over');
      }
    }
  }
}

function simpleType(number: number): ArrowType | undefined {
  switch (number) {
    case 1:
      return { kind: 'null' };
    case 4:
      return { kind: 'binary', large: false };
    case 5:
      return { kind: 'utf8', large: false };
    case 6:
      return { kind: 'bool' };
    case 19:
      return { kind: 'binary', large: true };
    case 20:
      return { kind: 'utf8', large: true };
    case 23:
      return { kind: 'binary-view' };
    case 24:
      return { kind: 'utf8-view' };
    default:
      return undefined;
  }
}

/** Defaults are those of the format's Schema.fbs. */
function parametricType(number: number, table: Table): ArrowType | undefined {
  switch (number) {
    case 2:
      return intType(table);
    case 3:
      return { kind: 'float', bits: among([16, 32, 64], 16 * 2 ** table.short(0)) };
    case 7:
      return {
        kind: 'decimal',
        precision: within(1, 76, table.int(0)),
        scale: within(-256, 256, table.int(1)),
        bits: among([32, 64, 128, 256], table.int(2, 128)),
      };
    case 8:
      return { kind: 'date', bits: table.short(0, 1) === 0 ? 32 : 64 };
    case 9:
      return { kind: 'time', unit: unit(table.short(0, 1)), bits: among([32, 64], table.int(1, 32)) };
    case 10:
      return { kind: 'timestamp', unit: unit(table.short(0)), zone: table.text(1) };
    case 11:
      return {
        kind: 'interval',
        unit: among(['year_month', 'day_time', 'month_day_nano'], (['year_month', 'day_time', 'month_day_nano'] as const)[table.short(0)]),
      };
    case 15:
      return { kind: 'fixed-binary', bytes: within(0, 2 ** 31, table.int(0)) };
    case 18:
      return { kind: 'duration', unit: unit(table.short(0, 1)) };
    default:
      return undefined;
  }
}

function intType(table: Table): IntType {
  return { kind: 'int', bits: among([8, 16, 32, 64], table.int(0)), signed: table.byte(1) !== 0 };
}

/** The entries of a map under the names that the format recommends, and that the library gives them whatever they were. */
function mapEntries(child: ArrowField): ArrowField {
  const [key, value] = child.type.kind === 'struct' && child.type.fields.length === 2 ? child.type.fields : [];
  if (key === undefined || value === undefined) throw new RangeError('a map whose entries are not pairs');
  return {
    name: 'entries',
    type: {
      kind: 'struct',
      fields: [
        { ...key, name: 'key' },
        { ...value, name: 'value' },
      ],
    },
  };
}

function unit(number: number): (typeof TIME_UNITS)[number] {
  const found = TIME_UNITS[number];
  if (found === undefined) throw new RangeError(`time unit ${number}`);
  return found;
}

function among<Value>(allowed: readonly Value[], found: unknown): Value {
  const value = allowed.find((entry) => entry === found);
  if (value === undefined) throw new RangeError(`found ${String(found)}, expected one of ${allowed.join(', ')}`);
  return value;
}

function within(least: number, most: number, found: number): number {
  if (found < least || found > most) throw new RangeError(`found ${found}, expected ${least} to ${most}`);
  return found;
}

function walkMetadata(table: Table, slot: number): void {
  for (const entry of table.tables(slot)) {
    entry.text(0);
    entry.text(1);
  }
}
