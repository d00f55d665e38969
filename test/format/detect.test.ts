import { describe, expect, test } from 'vitest';
import { detectFormat, outputFormat, suffixDelimiter } from '#src/format/detect.js';
import type { FormatName } from '#src/format/format.js';
import { bytesOf, bytesSource } from './csv/harness.js';

const FILE = bytesOf('ARROW1\0\0\xff');
const STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x10, 1, 0, 0, 16, 0, 0, 0);
const OLD_STREAM = Uint8Array.of(0x10, 1, 0, 0, 16, 0, 0, 0);
const TEXT = bytesOf('a,b\n1,2\n');

const detect = (name: string, bytes: Uint8Array, told?: FormatName) => detectFormat(bytesSource(bytes, { name }), told);

describe('the format of an input', () => {
  test.each<[string, Uint8Array, FormatName | undefined, FormatName]>([
    ['a.csv', TEXT, undefined, 'csv'],
    ['A.TSV', TEXT, undefined, 'csv'],
    ['a.txt', TEXT, undefined, 'csv'],
    ['a.arrow', FILE, undefined, 'arrow'],
    ['a.feather', FILE, undefined, 'arrow'],
    ['a.arrows', STREAM, undefined, 'arrows'],
    ['a.arrows', OLD_STREAM, undefined, 'arrows'],
    ['stdin', TEXT, undefined, 'csv'],
    ['stdin', FILE, undefined, 'arrow'],
    ['stdin', STREAM, undefined, 'arrows'],
    ['data.2024', TEXT, undefined, 'csv'],
    ['dir.arrow/data', TEXT, undefined, 'csv'],
    ['.csv', STREAM, undefined, 'arrows'],
    ['a.csv', STREAM, 'arrows', 'arrows'],
    ['a.arrow', TEXT, 'csv', 'csv'],
    ['a.csv', bytesOf('ARROW1,b\n'), undefined, 'csv'],
    ['a.csv', bytesOf('PAR1,b\n'), undefined, 'csv'],
    ['a.csv', new Uint8Array(0), undefined, 'csv'],
    ['a.csv', Uint8Array.of(0xff, 0xfe, 0x61, 0), undefined, 'csv'],
    ['stdin', Uint8Array.of(0xfe, 0xff, 0, 0x61), undefined, 'csv'],
    ['a.arrow', new Uint8Array(0), undefined, 'arrow'],
  ])('%s', async (name, bytes, told, expected) => {
    expect(await detect(name, bytes, told)).toBe(expected);
  });

  test('is seen without consuming a byte', async () => {
    const source = bytesSource(TEXT);
    await detectFormat(source);
    expect(source.position).toBe(0);
  });

  test.each<[string, Uint8Array, FormatName | undefined, string]>([
    ['a.csv', FILE, undefined, 'found the Arrow file format in a.csv, but its suffix says CSV'],
    ['a.csv', STREAM, undefined, 'found the Arrow stream format in a.csv, but its suffix says CSV'],
    ['a.arrow', STREAM, undefined, 'found the Arrow stream format in a.arrow, but its suffix says the Arrow file format'],
    ['a.arrows', FILE, undefined, 'found the Arrow file format in a.arrows, but its suffix says the Arrow stream format'],
    ['a.arrow', TEXT, undefined, 'found bytes that are no Arrow in a.arrow, but its suffix says the Arrow file format'],
    ['a.arrows', TEXT, undefined, 'found bytes that are no Arrow in a.arrows, but its suffix says the Arrow stream format'],
    ['stdin', TEXT, 'arrow', 'found bytes that are no Arrow in stdin, but --input-format says the Arrow file format'],
  ])('%s may not contradict the first bytes', async (name, bytes, told, message) => {
    await expect(detect(name, bytes, told)).rejects.toMatchObject({ code: 'format-mismatch', status: 65, message });
  });

  test.each<[number[], string, string]>([
    [[0x1f, 0x8b, 8], 'found a gzip file, expected CSV or Arrow', 'Unpack it first, and pipe it in: gunzip -c data.csv | scoreline ...'],
    [[0x28, 0xb5, 0x2f, 0xfd], 'found a zstd file, expected CSV or Arrow', 'Unpack it first, and pipe it in: zstd -dc data.csv | scoreline ...'],
    [
      [0xff, 0xfe, 0, 0],
      'found text in UTF-32, expected CSV or Arrow',
      'Convert it first, and pipe it in: iconv -f UTF-32 -t UTF-8 data.csv | scoreline ...',
    ],
    [
      [0, 0, 0xfe, 0xff],
      'found text in UTF-32, expected CSV or Arrow',
      'Convert it first, and pipe it in: iconv -f UTF-32 -t UTF-8 data.csv | scoreline ...',
    ],
    [
      [0x08, 0x0a, 0x12, 0x08, 0x73, 0x6b],
      'found an ONNX model, expected CSV or Arrow',
      'Give it as the model, -m data.csv, and as the input the data.',
    ],
    [
      [0x08, 0x08, 0x3a, 0xe5, 0x01, 0x0a, 0x26],
      'found an ONNX model, expected CSV or Arrow',
      'Give it as the model, -m data.csv, and as the input the data.',
    ],
    [[0x50, 0x4b, 3, 4], 'found a zip file (a workbook of Excel is one, too), expected CSV or Arrow', 'Save it as CSV or Arrow first, or unpack it.'],
  ])('a kind of file that is not read is called by its name: %o', async (start, message, fix) => {
    await expect(detect('data.csv', Uint8Array.from(start), 'csv')).rejects.toMatchObject({ code: 'foreign-format', status: 65, message, fix });
  });

  test('text in UTF-16 whose bytes begin as those of a model do is text', async () => {
    for (const text of ['ЈВкђ', 'Јкђе']) await expect(detect('data.csv', Uint8Array.from(Buffer.from(text, 'utf16le')), 'csv')).resolves.toBe('csv');
  });

  test('Parquet is not read', async () => {
    await expect(detect('a.parquet', bytesOf('PAR1\x15\x04'))).rejects.toMatchObject({
      code: 'foreign-format',
      details: { found: 'a Parquet file' },
    });
  });
});

describe('the format of an output', () => {
  test.each<[string | undefined, FormatName | undefined, FormatName, FormatName]>([
    ['out.csv', undefined, 'arrow', 'csv'],
    ['out.arrow', undefined, 'csv', 'arrow'],
    ['out.arrows', undefined, 'csv', 'arrows'],
    ['out.csv', 'arrow', 'csv', 'arrow'],
    ['out', undefined, 'arrow', 'arrow'],
    ['/dev/null', undefined, 'csv', 'csv'],
    ['-', undefined, 'csv', 'csv'],
    ['-', undefined, 'arrow', 'arrows'],
    [undefined, undefined, 'arrow', 'arrows'],
    ['-', 'arrow', 'csv', 'arrow'],
  ])('%s, told %s, input %s', (path, told, input, expected) => {
    expect(outputFormat(path, told, input)).toBe(expected);
  });

  test('a suffix of a format that is not written is refused', () => {
    expect(() => outputFormat('out.parquet', undefined, 'csv')).toThrow(expect.objectContaining({ code: 'output-format', status: 64 }));
    expect(() => outputFormat('out.csv.gz', undefined, 'csv')).toThrow(expect.objectContaining({ code: 'output-format' }));
  });
});

test('a .tsv has tabs', () => {
  expect([suffixDelimiter('a.tsv'), suffixDelimiter('a.csv'), suffixDelimiter('stdin')]).toEqual(['\t', ',', ',']);
});
