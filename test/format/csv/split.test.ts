import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suggestDelimiter } from '#src/format/csv/header.js';
import { openCsvSplitter } from '#src/format/csv/split.js';
import { bytesOf, bytesSource, readCsv, splitterOf, uncut, type ReadOptions } from './harness.js';

const read = (text: string, options: ReadOptions = {}) => readCsv(bytesOf(text), options);

describe('the header', () => {
  test('names the columns; the byte order mark is no part of it', async () => {
    const file = await read('\uFEFFid,a b,"x,""y",__proto__\n1,2,3,4\n');
    expect(file.names).toEqual(['id', 'a b', 'x,"y', '__proto__']);
    expect(file.records).toMatchObject([{ row: 1, line: 2, byte: 28, raw: '1,2,3,4', cells: ['1', '2', '3', '4'] }]);
  });

  test('may be quoted over lines and stand behind blank lines', async () => {
    const file = await read('\n\r\n"a\nb",c\r\n1,2\n');
    expect(file).toMatchObject({ names: ['a\nb', 'c'], headLines: 4, records: [{ line: 5 }] });
  });

  test.each([
    ['an empty file', '', 'empty-input', {}],
    ['a file of blank lines', '\n\n', 'empty-input', {}],
    ['nothing but a byte order mark', '\uFEFF', 'empty-input', {}],
    ['a name twice', 'a,b,a\n1,2,3\n', 'duplicate-column', { name: 'a', positions: [1, 3] }],
    ['an empty name', 'a,,b\n1,2,3\n', 'empty-column-name', { position: 2 }],
    ['a quote that is not closed', 'a,"b\n1,2\n', 'bad-header', {}],
  ])('%s is refused', async (_, text, code, details) => {
    await expect(read(text)).rejects.toMatchObject({ code, status: 65, details });
  });

  test('another delimiter that would split a header in quotes is suggested', async () => {
    await expect(read('"a";"b"\n"1";"2"\n')).rejects.toMatchObject({ code: 'bad-header', fix: "Give --delimiter ';'." });
    await expect(read('a|"two\nlines"|"b"\n1|2|3\n')).rejects.toMatchObject({ code: 'bad-header', fix: "Give --delimiter '|'." });
    await expect(read('a"\n1\n')).rejects.toMatchObject({ code: 'bad-header', fix: expect.stringContaining('Check that line') });
  });

  test('bytes that are not UTF-8 are refused', async () => {
    await expect(readCsv(Uint8Array.of(0x61, 0xff, 0x0a))).rejects.toMatchObject({ code: 'bad-header', status: 65 });
  });

  test('a header beyond the record limit is refused without reading on', async () => {
    const source = bytesOf(`${'a'.repeat(1 << 20)}\n`);
    await expect(readCsv(source, { csv: { recordLimitBytes: 1000 } })).rejects.toMatchObject({ code: 'bad-header' });
  });

  test('without a header the given names must be as many as the first record has fields', async () => {
    const csv = { header: false, columns: ['a', 'b'] };
    expect(await read('1,2\n3,4\n', { csv })).toMatchObject({ names: ['a', 'b'], headLines: 0, records: [{ line: 1, byte: 0 }, { line: 2 }] });
    await expect(read('1,2,3\n', { csv })).rejects.toMatchObject({ code: 'columns-mismatch', status: 65, details: { found: 3, expected: 2 } });
    await expect(read('1\n', { csv: { header: false } })).rejects.toMatchObject({ code: 'csv-columns', status: 64 });
    await expect(read('1,2\n', { csv: { header: false, columns: ['a', 'a'] } })).rejects.toMatchObject({ code: 'csv-columns', status: 64 });
    expect(await read('', { csv })).toMatchObject({ names: ['a', 'b'], records: [] });
  });

  test('another delimiter is suggested where it would split more', () => {
    expect(suggestDelimiter(['a;b;c'], ',')).toBe(';');
    expect(suggestDelimiter(['a;b', 'c;d'], ',')).toBe(';');
    expect(suggestDelimiter(['a\tb\tc', 'd'], ',')).toBe('\t');
    expect(suggestDelimiter(['a', 'b|c', 'd'], ',')).toBe(undefined);
    expect(suggestDelimiter(['a', 'b'], ',')).toBe(undefined);
    expect(suggestDelimiter(['a'], ',')).toBe(undefined);
  });
});

describe('the dialect', () => {
  test.each([
    [{ delimiter: ';;' }, 'delimiter'],
    [{ delimiter: '' }, 'delimiter'],
    [{ delimiter: '\n' }, 'delimiter'],
    [{ delimiter: '§' }, 'delimiter'],
    [{ quote: "''" }, 'quote'],
    [{ escape: '\r' }, 'escape'],
    [{ delimiter: '"' }, 'delimiter'],
    [{ delimiter: ';', escape: ';' }, 'delimiter'],
  ])('%o is a usage error', async (csv, option) => {
    await expect(read('a\n', { csv })).rejects.toMatchObject({ code: 'csv-dialect', status: 64, details: { option } });
  });

  test('tab by its name, and by the suffix of the file', async () => {
    const bytes = bytesOf('a\tb\n1\t2\n');
    expect((await readCsv(bytes, { csv: { delimiter: 'tab' } })).names).toEqual(['a', 'b']);
    const splitter = await openCsvSplitter(bytesSource(bytes, { name: 'x/data.TSV' }), { csv: {}, nullValues: undefined, chunkBytes: () => 100 });
    expect(splitter.decoderSetup.dialect).toEqual({ delimiter: '\t', quote: '"', escape: '"' });
  });
});

describe('chunks', () => {
  test('own their buffers and cover the file', async () => {
    const text = `a,b\n${'1,2\n'.repeat(1000)}`;
    const splitter = await splitterOf(bytesOf(text), { chunkBytes: 100 });
    let offset = 4;
    let index = 0;
    for await (const chunk of splitter.chunks()) {
      expect(chunk).toMatchObject({ index: index++, offset });
      expect(chunk.bytes.byteOffset).toBe(0);
      expect(chunk.bytes.length).toBe(100);
      offset += chunk.bytes.length;
      structuredClone(chunk.bytes, { transfer: [chunk.bytes.buffer as ArrayBuffer] });
      expect(chunk.bytes.length).toBe(0);
    }
    expect(offset).toBe(text.length);
  });

  test('recycled buffers are used again', async () => {
    const splitter = await splitterOf(bytesOf(`a,b\n${'1,2\n'.repeat(1000)}`), { chunkBytes: 100 });
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of splitter.chunks()) {
      buffers.add(chunk.bytes.buffer);
      splitter.recycle(chunk.bytes.buffer as ArrayBuffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
  });

  test('a pipe must end with a line end, unless told', async () => {
    await expect(read('a,b\n1,2\n3,', { isPipe: true })).rejects.toMatchObject({ code: 'unterminated-input', status: 65, place: { byte: 10 } });
    await expect(read('a,b', { isPipe: true })).rejects.toMatchObject({ code: 'unterminated-input' });
    expect((await read('a,b\n1,2\n3,4', { isPipe: true, csv: { allowUnterminated: true } })).records).toHaveLength(2);
    expect((await read('a,b\n1,2\n3,4')).records).toHaveLength(2);
    expect((await read('a,b\n1,2\n3,4\r', { isPipe: true })).records).toHaveLength(2);
  });
});

const soup = fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', '1', ' ', 'é'), maxLength: 80 });

describe('however a file is cut, its records are the same', () => {
  const whole = 'id,text\n1,"a\nb"\n2,"c"",\r\nd"\r\n3,x"y\n\n4,"open\n5,e\n6\n7,f,g\r8,"z"';
  test.each([1, 2, 3, 7, Infinity])('stride %s', async (stride) => {
    const expected = uncut(await read(whole));
    expect(expected.records.map(({ code }) => code)).toEqual([null, null, 'bad-quote', 'unclosed-quote', null, 'ragged-row', 'ragged-row', null]);
    for (let chunkBytes = 1; chunkBytes <= whole.length + 1; chunkBytes++) {
      expect(uncut(await read(whole, { chunkBytes, stride }))).toEqual(expected);
    }
  });

  test('byte soup, any chunk size and record limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        soup,
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 5, max: 30 }),
        fc.boolean(),
        async (text, chunkBytes, recordLimitBytes, one) => {
          const csv = { recordLimitBytes };
          const body = (one ? 'col\n' : 'a,b\n') + text;
          const expected = await read(body, { csv });
          expect(uncut(await read(body, { csv, chunkBytes, stride: 3 }))).toEqual(uncut(expected));
          const raw = expected.records.map((record) => record.raw).join('');
          // Raw records are cut at the limit; nothing else is lost.
          if (Buffer.byteLength(text) <= recordLimitBytes) expect(raw.replace(/[\r\n]/g, '')).toBe(text.replace(/[\r\n]/g, ''));
          expect(expected.lines).toBe((body.match(/\r\n|\r|\n/g)?.length ?? 0) + (/[\r\n]$/.test(body) ? 0 : 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('byte soup that comes in bits and is flushed at any pause', async () => {
    const flushed = fc.record({
      chunkBytes: fc.integer({ min: 1, max: 90 }),
      stride: fc.integer({ min: 1, max: 9 }),
      pauses: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(soup, flushed, fc.integer({ min: 5, max: 30 }), async (text, pace, recordLimitBytes) => {
        const csv = { recordLimitBytes };
        const body = `a,b\n${text}`;
        expect(uncut(await read(body, { csv, flushMs: 60_000, ...pace }))).toEqual(uncut(await read(body, { csv })));
      }),
      { numRuns: 500 },
    );
  });

  test('whole records that wait are cut, what is half there waits on', async () => {
    const splitter = await splitterOf(bytesOf('a,b\n1,2\n3,"\n4"\n5,6\n'), { flushMs: 60_000, stride: 3, pauses: 2 });
    const chunks: string[] = [];
    for await (const { bytes } of splitter.chunks()) chunks.push(Buffer.from(bytes).toString());
    expect(chunks.join('')).toBe('1,2\n3,"\n4"\n5,6\n');
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) expect(chunk).toMatch(/^(\d,(\d|"\n4")\n)+$/);
  });

  test('a record beyond the limit is one reject, whatever its length, and memory stays bounded', async () => {
    const long = 'x'.repeat(100_000);
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['a,b', '1,2', `${long},3`, '4,5', `6,"${long}`, '7,8', ''].join(end);
      const expected = uncut(await read(text, { csv: { recordLimitBytes: 1000 } }));
      expect(expected.records.map(({ code, line }) => [code, line])).toEqual([[null, 2], ['record-too-long', 3], [null, 4], ['unclosed-quote', 5], [null, 6]]); // prettier-ignore
      expect(expected.records.every(({ raw }) => raw.length <= 1000)).toBe(true);
      for (const chunkBytes of [1, 10, 999, 1000, 1001, 1004, 5000, 200_000]) {
        expect(uncut(await read(text, { csv: { recordLimitBytes: 1000 }, chunkBytes }))).toEqual(expected);
        const splitter = await splitterOf(bytesOf(text), { csv: { recordLimitBytes: 1000 }, chunkBytes });
        for await (const chunk of splitter.chunks()) expect(chunk.bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(chunkBytes, 1004));
      }
    }
  });
});
