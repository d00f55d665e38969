import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonReader } from '#src/format/arrow/cell-text.js';
import type { Column } from '#src/format/arrow/column.js';
import { concatColumns } from '#src/format/arrow/concat.js';
import { buildData, columnsOf, loadBatch, loadDictionaries } from '#src/format/arrow/library.js';
import { OpenedSchema } from '#src/format/arrow/source-schema.js';
import { takeColumn } from '#src/format/arrow/take.js';
import { validateColumn } from '#src/format/arrow/validate.js';
import { made } from './fixtures.js';
import { split } from './support.js';

const { setup, chunks } = await split(made('all-types.arrows'));
const { fields } = new OpenedSchema(setup.schema);
const dictionaries = loadDictionaries(setup.schema, chunks[0]!.context!.messages, { byte: 0 });
const batches = chunks.map(({ bytes }) => columnsOf(loadBatch(setup.schema, dictionaries, bytes, { byte: 0 })));

describe.each(fields.map(({ name, type }, index) => ({ name, type, pieces: batches.map((columns) => columns[index]!) })))(
  '$name',
  ({ type, pieces }) => {
    const texts = (columns: readonly Column[]): string[] =>
      columns.flatMap((column) => Array.from({ length: column.length }, (_, index) => jsonReader(type, column)(index)));

    it('put together again has every value', () => {
      const whole = concatColumns(type, pieces);
      validateColumn(type, whole, 'whole', { byte: 0 });
      expect(texts([whole])).toEqual(texts(pieces));
    });

    it('cut anywhere and put together has every value', () => {
      const column = pieces.find(({ length }) => length > 20)!;
      fc.assert(
        fc.property(fc.array(fc.nat(column.length), { minLength: 1, maxLength: 3 }), (cuts) => {
          const ends = [0, ...cuts.sort((a, b) => a - b), column.length];
          const parts = ends.slice(1).map((end, index) => {
            const from = ends[index]!;
            return takeColumn(
              type,
              column,
              Int32Array.from({ length: end - from }, (_, row) => from + row),
              buildData,
            );
          });
          expect(texts([concatColumns(type, parts)])).toEqual(texts([column]));
        }),
        { numRuns: 10 },
      );
    });
  },
);
