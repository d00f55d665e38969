import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveEncoding } from '#src/format/csv/encoding.js';
import { openCsvSplitter } from '#src/format/csv/split.js';
import { asUtf8 } from '#src/format/csv/transcode.js';
import { openFileSource, openSource, openStreamSource } from '#src/format/open-source.js';
import { drain } from '../drain.js';
import { bytesOf, bytesSource, readCsv, uncut } from './harness.js';

const folder = mkdtempSync(join(tmpdir(), 'scoreline-encoding-'));
afterAll(() => rmSync(folder, { recursive: true }));

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const BOM = '\uFEFF';

/** The bytes as UTF-8, transcoded in pieces. */
async function transcoded(bytes: Uint8Array, told: string | undefined, pieceBytes?: number): Promise<string> {
  return (await drain(await asUtf8(bytesSource(bytes), told, pieceBytes), 13)).toString();
}

/** Bytes of an encoding, as hex, and the text that iconv and Python say they are. */
const SAMPLES: readonly [encoding: string, hex: string, text: string][] = [
  ['windows-1252', '636166e92c80820d0a939420', 'café,€‚\r\n“” '],
  ['latin1', 'e98092', 'é€’'],
  ['ISO-8859-1', 'ff', 'ÿ'],
  ['windows-1251', 'cff0e8e2e5f22c310a', 'Привет,1\n'],
  ['koi8-r', 'f0d2c9d7c5d40a', 'Привет\n'],
  ['iso-8859-15', 'a4bd', '€œ'],
  ['macintosh', '8e8a', 'éä'],
  ['shift_jis', '93fa967b8cea2c310a834283510a', '日本語,1\nィゲ\n'],
  ['euc-jp', 'c6fccbdcb8ec0a', '日本語\n'],
  ['iso-2022-jp', '1b2442467c4b5c386c1b28420a31', '日本語\n1'],
  ['gbk', 'd6d0cec42c310a', '中文,1\n'],
  ['gb18030', '9439fc360a', '😀\n'],
  ['big5', 'a4a4a4e50a', '中文\n'],
  ['euc-kr', 'c7d1b1b92c310a', '한국,1\n'],
  ['utf-16le', '3dd800de0a00', '😀\n'],
  ['utf-16be', 'd83dde00000a', '😀\n'],
];

describe('text of another encoding', () => {
  test.each(SAMPLES)('%s, in pieces of any length', async (encoding, hex, text) => {
    const bytes = Buffer.from(hex, 'hex');
    for (const piece of [4, 5, 6, 7, 11, undefined]) expect(await transcoded(bytes, encoding, piece)).toBe(text);
  });

  test('Windows-1252 is that of the web, which Node itself takes for Latin-1 (nodejs/node#56542)', async () => {
    const upper = Buffer.from(Array.from({ length: 32 }, (_, at) => at + 0x80));
    expect(await transcoded(upper, 'windows-1252')).toBe('€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ');
  });

  test('UTF-16 is known by its mark, which stays in front as that of UTF-8', async () => {
    expect(await transcoded(utf16le(`${BOM}é😀\n`), undefined)).toBe(`${BOM}é😀\n`);
    expect(await transcoded(utf16be(`${BOM}é😀\n`), undefined)).toBe(`${BOM}é😀\n`);
    expect(await transcoded(utf16be(`${BOM}a`), 'utf-16')).toBe(`${BOM}a`);
    expect(await transcoded(bytesOf(`${BOM}a`), 'UTF8')).toBe(`${BOM}a`);
  });

  test('any text of UTF-16, in pieces of any length and reads of any size', async () => {
    const unit = fc.constantFrom('a', 'é', '€', '😀', '\n', '\u0a0a', '\0');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit, maxLength: 60 }),
        fc.boolean(),
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (text, big, piece, size) => {
          const source = await asUtf8(bytesSource(big ? utf16be(BOM + text) : utf16le(BOM + text)), undefined, piece);
          expect(Buffer.from(await source.peek(size)).toString('hex')).toBe(Buffer.from(BOM + text).subarray(0, size).toString('hex')); // prettier-ignore
          expect(source.position).toBe(0);
          expect((await drain(source, size)).toString()).toBe(BOM + text);
          expect(source.position).toBe(Buffer.byteLength(BOM + text));
        },
      ),
    );
  });

  test('is held to its own rules, at the byte of the real file', async () => {
    const refused = (bytes: Uint8Array, told: string, piece?: number) => transcoded(bytes, told, piece).then(() => 'read', (error: unknown) => error); // prettier-ignore
    const line = bytesOf('abc,1\n'.repeat(100));
    for (const piece of [4, 9, 64, undefined]) {
      const bad = { code: 'encoding', status: 65 };
      expect(await refused(Buffer.concat([line, Buffer.from('82a0ff0a', 'hex')]), 'shift_jis', piece)).toMatchObject({
        ...bad,
        place: { byte: 602 },
      });
      expect(await refused(Buffer.concat([line, Buffer.from('d2', 'hex')]), 'windows-1253', piece)).toMatchObject({ ...bad, place: { byte: 600 } });
      // A high surrogate, then no low one; the end in the middle of a unit.
      expect(await refused(Buffer.concat([utf16le('ab'), Buffer.from('3dd86100', 'hex')]), 'utf-16le', piece)).toMatchObject(bad);
      expect(await refused(Buffer.from('610062', 'hex'), 'utf-16le', piece)).toMatchObject({ ...bad, place: { byte: 3 } });
    }
    // ICU has makeshift characters for these.
    for (const encoding of ['gbk', 'big5'])
      expect(await refused(Buffer.from('41ff0a', 'hex'), encoding)).toMatchObject({ code: 'encoding', place: { byte: 1 } });
    expect(await refused(Buffer.from('810a', 'hex'), 'euc-kr')).toMatchObject({ code: 'encoding', place: { byte: 0 } });
    expect(await refused(Buffer.from('e9ff81', 'hex'), 'windows-1252')).toBe('read');
  });

  test.each([
    ['utf-8', utf16le(`${BOM}a`), 'utf-16le'],
    ['utf-16le', utf16be(`${BOM}a`), 'utf-16be'],
    ['latin1', bytesOf(`${BOM}a`), 'utf-8'],
  ])('a mark may not contradict --encoding %s', async (told, bytes, found) => {
    await expect(transcoded(bytes, told)).rejects.toMatchObject({ code: 'encoding', status: 65, details: { found } });
  });

  test('an unknown label is a usage error that suggests another', () => {
    expect(() => resolveEncoding('latin-1')).toThrow('there is no encoding "latin-1" here; did you mean "latin1"?');
    expect(() => resolveEncoding('utf16')).toThrow('did you mean "utf-16"');
    expect(() => resolveEncoding('ebcdic')).toThrow(expect.objectContaining({ code: 'unknown-encoding', status: 64 }));
    expect(resolveEncoding(' Latin1 ')).toBe('windows-1252');
  });
});

describe('a file and a pipe', () => {
  const text = `${BOM}id,städte\n${Array.from({ length: 40_000 }, (_, row) => `${row},Zürich 😀`).join('\n')}\n`;
  const bytes = utf16le(text);
  const sha256 = createHash('sha256').update(bytes).digest('hex');

  test('give the same text; digest and count are those of the real bytes', async () => {
    const path = join(folder, 'utf16.csv');
    writeFileSync(path, bytes);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 10_007) }, (_, at) => bytes.subarray(at * 10_007, (at + 1) * 10_007));
    for (const inner of [await openFileSource(path), await openSource(Readable.from(pieces, { objectMode: false }))]) {
      const source = await asUtf8(inner, undefined);
      expect(source).toMatchObject({ name: inner.name, isPipe: inner.isPipe, size: undefined });
      expect((await drain(source, 50_000)).toString()).toBe(text);
      expect(source.digest()).toBe(sha256);
      expect(inner.position).toBe(bytes.length);
      await source.close();
    }
  });

  test('a pipe in UTF-16 must end with a line end, too', async () => {
    const source = openStreamSource(Readable.from([utf16le(`${BOM}a,b\n1,2`)], { objectMode: false }), 'stdin');
    const splitter = await openCsvSplitter(source, { csv: {}, nullValues: undefined, chunkBytes: () => 100 });
    await expect(splitter.chunks().next()).rejects.toMatchObject({ code: 'unterminated-input' });
  });

  test('UTF-8 is read as it is', async () => {
    const source = bytesSource(bytesOf('a'));
    expect(await asUtf8(source, undefined)).toBe(source);
    expect(await asUtf8(source, 'utf8')).toBe(source);
  });
});

describe('records of another encoding', () => {
  const text = 'id,näme\n1,"Zü\nrich"\n2,x"y\n3,€\n';

  test('are cut, numbered and kept in UTF-8, however they are cut', async () => {
    const expected = await readCsv(bytesOf(BOM + text));
    for (const chunkBytes of [1, 2, 3, 7, 1000]) {
      for (const stride of [1, 2, 3, 7]) {
        expect(uncut(await readCsv(utf16le(BOM + text), { chunkBytes, stride }))).toEqual(uncut(expected));
        expect(uncut(await readCsv(utf16be(BOM + text), { chunkBytes, stride }))).toEqual(uncut(expected));
      }
    }
    const plain = await readCsv(bytesOf(text));
    const latin = Buffer.from(text.replace('€', '\x80'), 'latin1');
    expect(uncut(await readCsv(latin, { csv: { encoding: 'cp1252' }, chunkBytes: 3 }))).toEqual(uncut(plain));
    expect(plain.records.map(({ kept, code }) => [kept[1], code])).toEqual([['Zü\nrich', null], [null, 'bad-quote'], ['€', null]]); // prettier-ignore
  });

  test('UTF-16 without its mark is told by its NULs', async () => {
    const refused = { code: 'bad-header', status: 65, fix: 'It is UTF-16 without its mark: give --encoding utf-16le or utf-16be.' };
    await expect(readCsv(utf16le('id,x\n1,2\n'))).rejects.toMatchObject(refused);
    await expect(readCsv(utf16be('id,x\n1,2\n'))).rejects.toMatchObject(refused);
    expect((await readCsv(utf16be('id,x\n1,2\n'), { csv: { encoding: 'utf-16be' } })).records).toMatchObject([{ cells: ['1', '2'] }]);
    expect((await readCsv(bytesOf('i\0d,\0x\n1,2\n'))).names).toEqual(['i\0d', '\0x']);
  });
});
