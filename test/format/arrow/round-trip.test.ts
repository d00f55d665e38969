import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openArrowAssembler, openArrowEncoder } from '#src/format/arrow/encode.js';
import { Batch } from '#src/batch/batch.js';
import type { ElementArray, ElementType } from '#src/batch/element.js';
import { float16Bits } from '#src/batch/float16.js';
import { made, TEXTS, textRows } from './fixtures.js';
import { cells, rewrite, split } from './support.js';

const CONTAINERS = ['file', 'stream'] as const;

describe('text of cells', () => {
  it.each(['all-types.arrows', 'all-types.arrow'])('of every type in %s is what Python says', async (name) => {
    const rows = await cells(made(name));
    for (const [index, column] of Object.keys(TEXTS).entries()) {
      expect({ column, texts: rows.map((row) => row[index]) }).toEqual({ column, texts: TEXTS[column] });
    }
  });
});

describe('kept columns', () => {
  it.each(CONTAINERS)('of every type pass through to a %s', async (container) => {
    const out = await rewrite(made('all-types.arrows'), { container });
    expect(await cells(out)).toEqual(textRows());
    expect((await split(out)).schema.columns).toEqual((await split(made('all-types.arrows'))).schema.columns);
  });

  it('keep nullability and metadata', async () => {
    const before = tableFromIPC(made('all-types.arrows')).schema.fields;
    const after = tableFromIPC(await rewrite(made('all-types.arrows'), { container: 'stream' })).schema.fields;
    const facts = (fields: typeof before) => fields.map(({ name, nullable, metadata, type }) => [name, nullable, [...metadata], String(type)]);
    expect(facts(after)).toEqual(facts(before));
  });

  it('lose the rejected rows and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(39)), fc.constantFrom(...CONTAINERS), async (rejected, container) => {
        const out = await rewrite(made('all-types.arrows'), { container, reject: (row) => rejected.includes(row) });
        expect(await cells(out)).toEqual(textRows().filter((_, row) => !rejected.includes(row)));
      }),
      { numRuns: 25 },
    );
  });

  it('keep every row with blank', async () => {
    const out = await rewrite(made('all-types.arrows'), { container: 'file', reject: (row) => row % 2 === 0, rejectedRows: 'blank' });
    expect(await cells(out)).toEqual(textRows());
  });

  it.each(CONTAINERS)('come out the same when they are rewritten once more as a %s', async (container) => {
    // The dictionaries of a stream stand at the end of the file that is made of it, those of a file in front.
    const once = await rewrite(await rewrite(made('all-types.arrows'), { container }), { container });
    expect(Buffer.compare(await rewrite(once, { container }), once)).toBe(0);
  });

  it.each(['legacy.arrows', 'legacy.arrow', 'v4.arrows', 'lz4.arrows'])('of %s, in older forms of the format, are read', async (name) => {
    const columns = ['int32', 'utf8', 'float64', 'dictionary_int8', 'list'];
    const expected = TEXTS['int32']!.map((_, row) => columns.map((column) => TEXTS[column]![row]));
    expect(await cells(made(name))).toEqual(expected);
    expect(await cells(await rewrite(made(name), { container: 'file', forward: true }))).toEqual(expected);
  });

  it('of a Polars file, with its schema and dictionaries behind the data, are read', async () => {
    const rows = [
      ['1', 'a', 'x', '[1]', '2020-01-01T00:00:00.000000'],
      ['2', null, 'y', '[]', null],
      [null, 'c'.repeat(21), 'x', null, '1999-01-01T00:00:00.000000'],
    ];
    expect(await cells(made('polars.arrow'))).toEqual(rows);
    expect(await cells(await rewrite(made('polars.arrow'), { container: 'stream', reject: (row) => row === 1 }))).toEqual([rows[0], rows[2]]);
  });
});

describe('an output without rows', () => {
  it.each(CONTAINERS)('is a whole %s', async (container) => {
    const out = await rewrite(made('all-types.arrows'), { container, reject: () => true });
    expect(await cells(out)).toEqual([]);
    expect(tableFromIPC(out).numRows).toBe(0);
    expect((await split(out)).schema.columns.map(({ name }) => name)).toEqual(Object.keys(TEXTS));
  });
});

describe('results', () => {
  const big = 2n ** 53n + 1n;
  const VALUES: readonly [ElementType, ElementArray, readonly (string | null)[]][] = [
    ['float16', Uint16Array.from([1.5, -0.25, NaN].map(float16Bits)), ['1.5', '-0.25', 'NaN']],
    ['float32', Float32Array.of(0.1, -0, Infinity), ['0.1', '-0', 'inf']],
    ['float64', Float64Array.of(0.1, 1e300, -Infinity), ['0.1', '1e+300', '-inf']],
    ['int8', Int8Array.of(-128, 0, 127), ['-128', '0', '127']],
    ['int16', Int16Array.of(-32768, 0, 32767), ['-32768', '0', '32767']],
    ['int32', Int32Array.of(-5, 0, 5), ['-5', '0', '5']],
    ['int64', BigInt64Array.of(-big, 0n, big), [`${-big}`, '0', `${big}`]],
    ['uint8', Uint8Array.of(0, 1, 255), ['0', '1', '255']],
    ['uint16', Uint16Array.of(0, 1, 65535), ['0', '1', '65535']],
    ['uint32', Uint32Array.of(0, 1, 4294967295), ['0', '1', '4294967295']],
    ['uint64', BigUint64Array.of(0n, 1n, 2n ** 64n - 1n), ['0', '1', `${2n ** 64n - 1n}`]],
    ['bool', Uint8Array.of(1, 0, 1), ['true', 'false', 'true']],
    ['string', ['', '日本 \u{1d518}', 'b'.repeat(300)], ['', '日本 \u{1d518}', 'b'.repeat(300)]],
  ];

  /** A batch of five records, the second and the fourth of them rejected, with a kept column of CSV. */
  function fiveRecords(): Batch {
    const batch = new Batch({ tensors: [], fields: [], kept: [{ name: 'id', column: 0 }] });
    batch.reset(5);
    const reject = { line: 1, byte: 0, code: 'ragged-row', column: null, message: '', value: null, record: '' } as const;
    for (let row = 0; row < 5; row++) {
      if (row % 2 === 0) batch.accept();
      else batch.reject({ row, ...reject });
    }
    const none = new Uint32Array(5);
    batch.kept = [
      {
        name: 'id',
        text: (record) => (record === 2 ? null : `00${record}`),
        native: { format: 'csv', bytes: new Uint8Array(0), from: none, to: none },
      },
    ];
    return batch;
  }

  it.each(['drop', 'blank'] as const)('of every type come out, with %s', async (rejectedRows) => {
    for (const container of CONTAINERS) {
      const results = VALUES.map(([type]) => ({ name: type, type }));
      const setup = { format: 'arrow', container, kept: [{ name: 'id', column: 0 }], results, rejectedRows } as const;
      const assembler = await openArrowAssembler(setup);
      const columns = VALUES.map(([, values], index) => ({ field: results[index]!, values }));
      const encoded = (await openArrowEncoder(setup)).encode(fiveRecords(), columns);
      expect(encoded.rows).toBe(rejectedRows === 'drop' ? 3 : 5);
      const out = Buffer.concat([assembler.head(), ...assembler.place(encoded), assembler.tail()]);
      const scored = VALUES[0]![2].map((_, row) => VALUES.map(([, , texts]) => texts[row]!));
      const blank = VALUES.map(() => null);
      const [first, second, third] = scored as [string[], string[], string[]];
      expect(await cells(out)).toEqual(
        rejectedRows === 'drop'
          ? [
              ['000', ...first],
              [null, ...second],
              ['004', ...third],
            ]
          : [
              ['000', ...first],
              ['001', ...blank],
              [null, ...second],
              ['003', ...blank],
              ['004', ...third],
            ],
      );
      expect(tableFromIPC(out).numRows).toBe(encoded.rows);
    }
  });

  it('use the buffer that is given where it is large enough', async () => {
    const setup = { format: 'arrow', container: 'stream', kept: [], results: [{ name: 'p', type: 'float32' }], rejectedRows: 'drop' } as const;
    const results = [{ field: setup.results[0], values: Float32Array.of(1, 2, 3) }];
    const large = new ArrayBuffer(4096);
    const small = new ArrayBuffer(8);
    expect((await openArrowEncoder(setup)).encode(fiveRecords(), results, large).bytes.buffer).toBe(large);
    expect((await openArrowEncoder(setup)).encode(fiveRecords(), results, small).bytes.buffer).not.toBe(small);
  });
});
