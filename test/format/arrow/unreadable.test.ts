import { describe, expect, it } from 'vitest';
import type { KeptField, Layout } from '#src/batch/layout.js';
import { Batch } from '#src/batch/batch.js';
import { openArrowDecoder } from '#src/format/arrow/decode.js';
import type { SourceSchema } from '#src/format/format.js';
import { made } from './fixtures.js';
import { cells, codeOf, field, rewrite, split } from './support.js';

const readable = ({ columns }: SourceSchema): readonly KeptField[] =>
  columns.flatMap(({ name, type }, column) => (type.endsWith('(not readable)') ? [] : [{ name, column }]));

const ROWS = [
  ['1', 'short', 'w', 'p'],
  ['2', 'x'.repeat(20), null, 'q'],
  [null, null, 'x', null],
  ['4', 'y'.repeat(30), 'y', 'p'],
];

describe.each(['unreadable.arrows', 'unreadable-zstd.arrow'])('columns of types that the library cannot read, in %s', (name) => {
  it('are named as such', async () => {
    const { schema } = await split(made(name));
    expect(schema.columns.map(({ type }) => type)).toEqual([
      'int64',
      'list_view<int32> (not readable)',
      'large_list_view<utf8_view> (not readable)',
      'utf8_view',
      'run_end_encoded<int32, utf8> (not readable)',
      'struct<a: list_view<int8>, b: utf8> (not readable)',
      'dictionary<list_view<int32>> (not readable)',
      'utf8',
      'dictionary<utf8>',
    ]);
  });

  it('are passed over where nobody uses them', async () => {
    for (const container of ['file', 'stream'] as const) {
      const out = await rewrite(made(name), { container, keep: readable });
      expect(await cells(out)).toEqual(ROWS);
      expect(await cells(await rewrite(made(name), { container, keep: readable, reject: (row) => row === 1 }))).toEqual(
        ROWS.filter((_, row) => row !== 1),
      );
    }
  });

  it.each([1, 2, 4, 5, 6])('are refused where they are kept: column %d', async (column) => {
    const { schema, setup } = await split(made(name));
    const kept = [{ name: schema.columns[column]!.name, column }];
    await expect(openArrowDecoder(setup, { tensors: [], fields: [], kept })).rejects.toMatchObject({
      code: 'arrow-type',
      place: { column: schema.columns[column]!.name },
      details: { type: schema.columns[column]!.type.replace(' (not readable)', '') },
    });
  });

  it('are refused where the model reads them', async () => {
    const { setup } = await split(made(name));
    const layout: Layout = { tensors: [{ type: 'float32', width: 1 }], fields: [field(4, 'float32', { at: 0 })], kept: [] };
    expect(await codeOf(openArrowDecoder(setup, layout))).toBe('arrow-type');
  });

  it('are left out of the record of a reject', async () => {
    const { setup, chunks } = await split(made(name));
    const layout: Layout = { tensors: [], fields: [], kept: [] };
    const decoder = await openArrowDecoder(setup, layout);
    if (chunks[0]!.context !== undefined) decoder.setContext(chunks[0]!.context);
    decoder.decode(chunks[0]!, new Batch(layout));
    expect(decoder.locate(0).record).toBe('{"id":1,"text_view":"short","word":"w","coded":"p"}');
  });
});

it('unions from before Arrow 1.0 are passed over', async () => {
  const bytes = made('v4-unions.arrows');
  const out = await rewrite(bytes, { container: 'file', keep: readable });
  const rows = await cells(out);
  expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 40 }, (_, row) => String(row)));
  expect(new Set(rows.map(([, word]) => word)).size).toBeGreaterThan(3);
  expect(await codeOf(cells(bytes))).toBe('arrow-type');
});
