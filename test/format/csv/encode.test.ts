import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ResultColumn } from '#src/batch/result.js';
import { openCsvAssembler, openCsvEncoder } from '#src/format/csv/encode.js';
import type { CsvDialect, CsvEncoderSetup } from '#src/format/csv/setup.js';
import { openBothDecoders } from './both.js';
import { allStrings, bytesOf, COMMA, readCsv } from './harness.js';

const SCORE: ResultColumn = { field: { name: 'prediction', type: 'float32' }, values: Float32Array.of(0.1, NaN, -0, 3) };

interface Given {
  readonly dialect?: CsvDialect;
  readonly input?: CsvDialect;
  readonly rejectedRows?: 'drop' | 'blank';
  readonly copyRaw?: boolean;
  readonly columns?: number;
  readonly results?: readonly ResultColumn[];
}

/** Decodes a text with the columns c0, c1 … all kept, and encodes it again behind the head. */
async function recode(
  text: string,
  { dialect = COMMA, input = COMMA, rejectedRows = 'drop', copyRaw = true, columns = 2, results = [SCORE] }: Given = {},
  into?: ArrayBuffer,
) {
  const layout = allStrings(Array.from({ length: columns }, (_, column) => `c${column}`));
  const decoder = await openBothDecoders({ format: 'csv', dialect: input, columns, recordLimitBytes: 1000, nullValues: undefined }, layout);
  const batch = new Batch(layout);
  decoder.decode({ index: 0, bytes: bytesOf(text), offset: 0 }, batch);
  const setup: CsvEncoderSetup = { format: 'csv', dialect, copyRaw, kept: layout.kept, results: results.map(({ field }) => field), rejectedRows };
  const encoded = openCsvEncoder(setup).encode(batch, results, into);
  const assembler = openCsvAssembler(setup);
  const parts = [assembler.head(), ...assembler.place(encoded), assembler.tail()];
  return { text: Buffer.concat(parts).toString(), encoded };
}

describe('kept cells', () => {
  test('are copied byte for byte in the same dialect', async () => {
    const body = '007,"a ""b"""\n"9007199254740993", x\n" ",\n';
    expect((await recode(body)).text).toBe('c0,c1,prediction\n007,"a ""b""",0.1\n"9007199254740993", x,NaN\n" ",,-0\n');
  });

  test('are written anew in another dialect, as text', async () => {
    const dialect = { delimiter: ';', quote: "'", escape: "'" };
    expect((await recode('"a;b",it\'s\n" c","d""e"\n', { dialect, copyRaw: false })).text).toBe(
      "c0;c1;prediction\n'a;b';'it''s';0.1\n' c';d\"e;NaN\n",
    );
  });

  test('whatever they hold, they read back equal', async () => {
    const cell = fc.string({ unit: fc.constantFrom(',', ';', '"', '\n', '\r', 'a', 'é', ' ', '\t', '\\', '\uFEFF'), maxLength: 6 });
    const dialects = fc.constantFrom(COMMA, { delimiter: ';', quote: "'", escape: '\\' }, { delimiter: '\t', quote: '"', escape: '"' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), dialects, async (rows, dialect) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const { text } = await recode(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''), { dialect, copyRaw: false });
        const { names, records } = await readCsv(bytesOf(text), { csv: dialect });
        expect(names).toEqual(['c0', 'c1', 'prediction']);
        expect(records.map(({ cells }) => cells?.slice(0, 2))).toEqual(rows);
      }),
    );
  });
});

describe('results', () => {
  test('of every kind, labels quoted where they must be', async () => {
    const results: ResultColumn[] = [
      { field: { name: 'la,bel', type: 'string' }, values: ['a,b', 'say "x"', 'l\nf', ' b', 'c\r', '', 'plain é'] },
      { field: { name: 'n', type: 'int64' }, values: BigInt64Array.of(9007199254740993n, -1n, 0n, 1n, 2n, 3n, 4n) },
      { field: { name: 'd', type: 'float64' }, values: Float64Array.of(0.1, 1e300, Infinity, -Infinity, 1 / 3, 1e-7, 5) },
      { field: { name: 'ok', type: 'bool' }, values: Uint8Array.of(1, 0, 1, 0, 1, 0, 1) },
    ];
    expect((await recode('1\n2\n3\n4\n5\n6\n7\n', { columns: 1, results })).text).toBe(
      [
        'c0,"la,bel",n,d,ok',
        '1,"a,b",9007199254740993,0.1,true',
        '2,"say ""x""",-1,1e+300,false',
        '3,"l\nf",0,inf,true',
        '4," b",1,-inf,false',
        '5,"c\r",2,0.3333333333333333,true',
        '6,,3,1e-7,false',
        '7,plain é,4,5,true',
        '',
      ].join('\n'),
    );
  });

  test('are quoted where the delimiter is part of numbers', async () => {
    expect((await recode('1-2\n', { dialect: { delimiter: '.', quote: '"', escape: '"' }, copyRaw: false, columns: 1 })).text).toBe(
      'c0.prediction\n1-2."0.1"\n',
    );
  });

  test('an empty cell of a one-column file is a pair of quotes', () => {
    const results: ResultColumn[] = [{ field: { name: 'label', type: 'string' }, values: ['', 'b'] }];
    const layout = allStrings([]);
    const batch = new Batch(layout);
    batch.reset(2);
    batch.accept();
    batch.accept();
    const setup: CsvEncoderSetup = { format: 'csv', dialect: COMMA, copyRaw: true, kept: [], results: [results[0]!.field], rejectedRows: 'drop' };
    expect(Buffer.from(openCsvEncoder(setup).encode(batch, results).bytes).toString()).toBe('""\nb\n');
  });

  test('a value that needs quotes in a dialect without them is refused', async () => {
    const dialect = { delimiter: ',', quote: '', escape: '' };
    const labels = (text: string): ResultColumn[] => [{ field: { name: 'label', type: 'string' }, values: [text] }];
    await expect(recode('1,2\n', { dialect, results: labels('a,b') })).rejects.toThrow(expect.objectContaining({ code: 'cannot-quote', status: 64 }));
    expect((await recode('1,2\n', { dialect, results: labels(' "a" ') })).text).toBe('c0,c1,label\n1,2, "a" \n');
  });
});

describe('rejected rows', () => {
  const body = '1,a\n2,b,c\n3\n4"4,d\n5,e\n';
  test('are dropped', async () => {
    const { text, encoded } = await recode(body);
    expect(text).toBe('c0,c1,prediction\n1,a,0.1\n5,e,NaN\n');
    expect(encoded.rows).toBe(2);
  });

  test('or stay as lines without predictions, in their place', async () => {
    const { text, encoded } = await recode(body, { rejectedRows: 'blank' });
    expect(text).toBe('c0,c1,prediction\n1,a,0.1\n2,b,\n3,,\n,,\n5,e,NaN\n');
    expect(encoded.rows).toBe(5);
  });
});

describe('the buffer', () => {
  test('that is given is used where it is large enough, another otherwise', async () => {
    const large = new ArrayBuffer(1000);
    const { encoded } = await recode('1,2\n', {}, large);
    expect(encoded.bytes.buffer).toBe(large);
    const rows = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,2\n'.repeat(3);
    const grown = await recode(rows, {}, new ArrayBuffer(8));
    expect(grown.encoded.bytes.byteOffset).toBe(0);
    expect(grown.text).toBe((await recode(rows)).text);
  });
});
