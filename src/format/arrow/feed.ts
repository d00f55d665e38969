import { isAscii, isUtf8 } from 'node:buffer';
import type { FieldStore, Stored } from '../../batch/store.js';
import { float16Value } from '../../batch/float16.js';
import { textReader, dictionaryWords, type WordCache } from './cell-text.js';
import { bit, bytesOf, indices, offsets, validity, valuesAs, viewRange, type Column } from './column.js';
import { limbs } from './exact-text.js';
import type { ArrowType } from './type.js';

/** Puts the value of a record into the store of a field, as missing where it is null. */
export type Feed = (store: FieldStore, record: number) => Stored;

/**
 * How a column feeds a field of any type, value by value: whole numbers exactly, text by the grammar of cells, NaN as missing. The way for everything
 * that fast-fill.ts does not take. `type` must be one that checkArrowBinding lets pass.
 */
export function openFeed(type: ArrowType, column: Column, forString: boolean, cache: WordCache): Feed {
  if (type.kind === 'null') return (store, record) => store.missing(record);
  const feed = valueFeed(type, column, forString, cache);
  const valid = validity(column);
  return column.nullCount === 0 ? feed : (store, record) => (valid(record) ? feed(store, record) : store.missing(record));
}

function valueFeed(type: ArrowType, column: Column, forString: boolean, cache: WordCache): Feed {
  switch (type.kind) {
    case 'int':
      return intFeed(type.bits, column);
    case 'float':
      return floatFeed(type, column, forString);
    case 'bool': {
      const bits = bytesOf(column);
      return (store, record) => store.boolean(record, bit(bits, column.offset + record) === 1);
    }
    case 'decimal':
      return decimalFeed(type, column, forString);
    case 'dictionary':
      return dictionaryFeed(type, column, forString, cache);
    case 'utf8': {
      const at = offsets(column);
      const bytes = bytesOf(column);
      return textFeed(
        isAscii(bytes),
        (record) => bytes.subarray(at(record), at(record + 1)),
        (record) => bytes.toString('latin1', at(record), at(record + 1)),
      );
    }
    case 'utf8-view': {
      const range = viewRange(column);
      const cell = (record: number): Buffer => {
        const { bytes, from, to } = range(record);
        return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
      };
      return textFeed(false, cell, (record) => cell(record).toString());
    }
    default: {
      const read = textReader(type, column, cache);
      return (store, record) => store.text(record, read(record) ?? '');
    }
  }
}

function intFeed(bits: 8 | 16 | 32 | 64, column: Column): Feed {
  if (bits === 64) {
    const values = column.values as unknown as BigInt64Array | BigUint64Array;
    return (store, record) => store.integer(record, values[record] ?? 0n);
  }
  const values = column.values as unknown as Int32Array;
  return (store, record) => store.number(record, values[record] ?? 0);
}

function floatFeed(type: ArrowType & { kind: 'float' }, column: Column, forString: boolean): Feed {
  const value = floatValue(type.bits, column);
  if (!forString) return (store, record) => store.number(record, value(record));
  const read = textReader(type, column);
  return (store, record) => (Number.isNaN(value(record)) ? store.missing(record) : store.text(record, read(record) ?? ''));
}

function floatValue(bits: 16 | 32 | 64, column: Column): (record: number) => number {
  if (bits === 16) {
    const values = valuesAs(column, Uint16Array);
    return (record) => float16Value(values[record] ?? 0);
  }
  const values = bits === 32 ? valuesAs(column, Float32Array) : valuesAs(column, Float64Array);
  return (record) => values[record] ?? NaN;
}

/** Whole decimals exactly, others as the double nearest to their digits. */
function decimalFeed(type: ArrowType & { kind: 'decimal' }, column: Column, forString: boolean): Feed {
  const read = textReader(type, column);
  if (forString) return (store, record) => store.text(record, read(record) ?? '');
  const words = valuesAs(column, Uint32Array);
  const scale = 10n ** BigInt(Math.abs(type.scale));
  return (store, record) => {
    const unscaled = limbs(words, record, type.bits / 32);
    if (type.scale <= 0) return store.integer(record, unscaled * scale);
    return unscaled % scale === 0n ? store.integer(record, unscaled / scale) : store.number(record, Number(read(record)));
  };
}

function dictionaryFeed(type: ArrowType & { kind: 'dictionary' }, column: Column, forString: boolean, cache: WordCache): Feed {
  const at = indices(column);
  if (type.values.kind === 'utf8' || type.values.kind === 'utf8-view') {
    const words = dictionaryWords(type.values, column, cache);
    return (store, record) => {
      const word = words(at(record));
      return word === null ? store.missing(record) : store.text(record, word);
    };
  }
  const pieces = (column.dictionary?.data ?? []).map((piece) => ({ piece, feed: openFeed(type.values, piece, forString, cache) }));
  return (store, record) => {
    let position = at(record);
    for (const { piece, feed } of pieces) {
      if (position < piece.length) return feed(shifted(store, record), position);
      position -= piece.length;
    }
    return store.missing(record);
  };
}

/** A store that writes at `record` whatever position the value was read from. */
function shifted(store: FieldStore, record: number): FieldStore {
  return {
    text: (_, text) => store.text(record, text),
    number: (_, value) => store.number(record, value),
    integer: (_, value) => store.integer(record, value),
    boolean: (_, value) => store.boolean(record, value),
    missing: () => store.missing(record),
  };
}

function textFeed(plain: boolean, cell: (record: number) => Buffer, plainText: (record: number) => string): Feed {
  if (plain) return (store, record) => store.text(record, plainText(record));
  return (store, record) => {
    const bytes = cell(record);
    return isUtf8(bytes) ? store.text(record, bytes.toString()) : 'invalid-utf8';
  };
}
