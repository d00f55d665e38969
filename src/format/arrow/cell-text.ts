import { float16Value } from '../../batch/float16.js';
import { float32Text, float64Text } from '../../batch/text.js';
import { bit, bytesOf, dictionaryPieces, indices, offsets, validity, valuesAs, viewRange, type Column } from './column.js';
import { dateText, decimalText, durationText, intervalText, limbs, timestampText, timeText } from './exact-text.js';
import { childTypes, type ArrowField, type ArrowType } from './type.js';

/** The text of a value that is not null, by index. */
type Reader = (index: number) => string;
type TextForm = 'text' | 'json';
type Words = (string | null | undefined)[];

/** The words of dictionaries that many batches share: each is read once. Held by whoever holds the dictionaries. */
export type WordCache = WeakMap<object, Partial<Record<TextForm, Words>>>;

/**
 * The values of a column as exact text, null for null: integers and decimals with all their digits, floats as the shortest text that reads back,
 * times in ISO 8601 with the full precision of their unit (`Z` where the type has a zone), bytes as hex, nested values as JSON.
 */
export function textReader(type: ArrowType, column: Column, cache: WordCache = new WeakMap()): (index: number) => string | null {
  if (type.kind === 'null') return () => null;
  if (type.kind === 'union') return unionReader(type, column, (child, inner) => textReader(child, inner, cache), null);
  if (type.kind === 'dictionary') return dictionaryReader(type, column, cache, 'text');
  const valid = validity(column);
  const read = NESTED.has(type.kind) ? nestedReader(type, column, cache) : scalarReader(type, column);
  return (index) => (valid(index) ? read(index) : null);
}

/** The values of a column as JSON: numbers, decimals included, with all their digits; what JSON has no form for as its text in quotes. */
export function jsonReader(type: ArrowType, column: Column, cache: WordCache = new WeakMap()): Reader {
  if (type.kind === 'null') return () => 'null';
  if (type.kind === 'union') return unionReader(type, column, (child, inner) => jsonReader(child, inner, cache), 'null');
  if (type.kind === 'dictionary') {
    const read = dictionaryReader(type, column, cache, 'json');
    return (index) => read(index) ?? 'null';
  }
  const valid = validity(column);
  const read = NESTED.has(type.kind) ? nestedReader(type, column, cache) : scalarReader(type, column);
  const bare = BARE.has(type.kind) ? (text: string) => (/^[-\d.]/.test(text) && !text.startsWith('-i') ? text : JSON.stringify(text)) : undefined;
  const write = bare ?? (NESTED.has(type.kind) || type.kind === 'bool' ? (text: string) => text : (text: string) => JSON.stringify(text));
  return (index) => (valid(index) ? write(read(index)) : 'null');
}

const NESTED: ReadonlySet<ArrowType['kind']> = new Set(['list', 'map', 'fixed-list', 'struct']);
const BARE: ReadonlySet<ArrowType['kind']> = new Set(['int', 'float', 'decimal']);

function scalarReader(type: ArrowType, column: Column): Reader {
  switch (type.kind) {
    case 'bool': {
      const bits = bytesOf(column);
      return (index) => (bit(bits, column.offset + index) === 1 ? 'true' : 'false');
    }
    case 'int':
      return (index) => String((column.values as unknown as ArrayLike<number | bigint>)[index]);
    case 'float':
      return floatReader(type.bits, column);
    case 'utf8':
    case 'binary': {
      const bytes = bytesOf(column);
      const at = offsets(column);
      const form = type.kind === 'utf8' ? 'utf8' : 'hex';
      return (index) => bytes.toString(form, at(index), at(index + 1));
    }
    case 'utf8-view':
    case 'binary-view': {
      const range = viewRange(column);
      const form = type.kind === 'utf8-view' ? 'utf8' : 'hex';
      return (index) => {
        const { bytes, from, to } = range(index);
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(form, from, to);
      };
    }
    case 'fixed-binary': {
      const bytes = bytesOf(column);
      return (index) => bytes.toString('hex', type.bytes * index, type.bytes * (index + 1));
    }
    case 'decimal': {
      const words = valuesAs(column, Uint32Array);
      return (index) => decimalText(limbs(words, index, type.bits / 32), type.scale);
    }
    case 'date': {
      const days = type.bits === 32 ? valuesAs(column, Int32Array) : valuesAs(column, BigInt64Array);
      return (index) => dateText(BigInt(days[index] ?? 0), type.bits);
    }
    case 'time': {
      const ticks = type.bits === 32 ? valuesAs(column, Int32Array) : valuesAs(column, BigInt64Array);
      return (index) => timeText(BigInt(ticks[index] ?? 0), type.unit.digits);
    }
    case 'timestamp': {
      const ticks = valuesAs(column, BigInt64Array);
      return (index) => timestampText(ticks[index] ?? 0n, type.unit.digits) + (type.zone === undefined ? '' : 'Z');
    }
    case 'duration': {
      const ticks = valuesAs(column, BigInt64Array);
      return (index) => durationText(ticks[index] ?? 0n, type.unit.digits);
    }
    case 'interval': {
      const words = valuesAs(column, Int32Array);
      return (index) => intervalText(words, index, type.unit);
    }
    default:
      return () => '';
  }
}

function floatReader(bits: 16 | 32 | 64, column: Column): Reader {
  if (bits === 64) {
    const values = valuesAs(column, Float64Array);
    return (index) => float64Text(values[index] ?? NaN);
  }
  if (bits === 32) {
    const values = valuesAs(column, Float32Array);
    return (index) => float32Text(values[index] ?? NaN);
  }
  const values = valuesAs(column, Uint16Array);
  return (index) => float32Text(float16Value(values[index] ?? 0));
}

function nestedReader(type: ArrowType, column: Column, cache: WordCache): Reader {
  const children = childTypes(type).map((child, index) => jsonReader(child, column.children[index] ?? missingColumn(), cache));
  if (type.kind === 'struct') {
    const fields = type.fields;
    return (index) => objectText(fields, children, index);
  }
  const [item] = children;
  const at = offsets(column);
  const size = type.kind === 'fixed-list' ? type.size : undefined;
  return (index) => {
    const from = size === undefined ? at(index) : size * index;
    const to = size === undefined ? at(index + 1) : from + size;
    return `[${Array.from({ length: to - from }, (_, step) => item?.(from + step) ?? 'null').join(',')}]`;
  };
}

/** One JSON object from the same index of several columns. */
export function objectText(fields: readonly Pick<ArrowField, 'name'>[], readers: readonly Reader[], index: number): string {
  return `{${fields.map(({ name }, position) => `${JSON.stringify(name)}:${readers[position]?.(index) ?? 'null'}`).join(',')}}`;
}

function unionReader<Text>(
  type: ArrowType & { kind: 'union' },
  column: Column,
  open: (type: ArrowType, column: Column) => (index: number) => Text,
  absent: Text,
): (index: number) => Text {
  const readers = type.fields.map((field, index) => open(field.type, column.children[index] ?? missingColumn()));
  const at = offsets(column);
  return (index) => readers[type.ids.indexOf(column.typeIds?.[index] ?? -1)]?.(type.dense ? at(index) : index) ?? absent;
}

function dictionaryReader(
  type: ArrowType & { kind: 'dictionary' },
  column: Column,
  cache: WordCache,
  form: TextForm,
): (index: number) => string | null {
  const words = dictionaryWords(type.values, column, cache, form);
  const valid = validity(column);
  const at = indices(column);
  return (index) => (valid(index) ? words(at(index)) : null);
}

/** The values of a column's dictionary as text: one string for each category, made when it is first asked for and kept in `cache`. */
export function dictionaryWords(
  type: ArrowType,
  column: Column,
  cache: WordCache = new WeakMap(),
  form: TextForm = 'text',
): (position: number) => string | null {
  const { pieces, length } = dictionaryPieces(column);
  const open = FORMS[form];
  const readers = pieces.map((piece) => ({ length: piece.length, read: open(type, piece, cache) }));
  const words = cachedWords(column.dictionary, cache, form, length);
  return (position) => {
    const known = words[position];
    if (known !== undefined) return known;
    let rest = position;
    for (const { length: pieceLength, read } of readers) {
      if (rest < pieceLength) return (words[position] = read(rest));
      rest -= pieceLength;
    }
    return null;
  };
}

function cachedWords(dictionary: object | undefined, cache: WordCache, form: TextForm, length: number): Words {
  if (dictionary === undefined) return [];
  const byForm = cache.get(dictionary) ?? {};
  cache.set(dictionary, byForm);
  return (byForm[form] ??= new Array<string | null | undefined>(length).fill(undefined));
}

const FORMS: Readonly<Record<TextForm, (type: ArrowType, column: Column, cache: WordCache) => (index: number) => string | null>> = {
  text: textReader,
  json: jsonReader,
};

function missingColumn(): Column {
  return {
    length: 0,
    offset: 0,
    nullCount: 0,
    nullBitmap: undefined,
    values: undefined,
    valueOffsets: undefined,
    typeIds: undefined,
    children: [],
    variadicBuffers: [],
  };
}
