import { appendFileSync, writeFileSync } from 'node:fs';
import { asOpenError } from '#src/format/file-origin.js';
import { openSource } from '#src/format/open-source.js';
import { readError } from '#src/format/origin.js';
import { systemError } from './material.js';
import type { Scene } from './scene.js';

const SINGLE = 'scoreline score -m single.onnx data.csv -o scores.csv';
const single = (code: string, about: string, content: string | Uint8Array, flags = ''): Scene => ({ code, about, links: ['single.onnx'], files: { 'data.csv': content }, line: SINGLE + flags }); // prettier-ignore

/** What is wrong with the input: 65, 66, 74, 77. */
export const INPUT: readonly Scene[] = [
  { code: 'input-missing', about: 'no such file', line: SINGLE, links: ['single.onnx'] },
  { code: 'input-is-directory', about: 'a folder', line: 'scoreline score -m single.onnx exports -o scores.csv', links: ['single.onnx'], files: { 'exports/data.csv': 'x\n1\n' } },
  { code: 'input-permission', about: "somebody else's", call: { shown: SINGLE, run: () => { throw asOpenError('data.csv', systemError('EACCES', 'permission denied')); } } },
  { code: 'read-failed', about: 'a failing disk', call: { shown: SINGLE, run: () => { throw readError('data.csv', systemError('EIO', 'i/o error, read')); } } },
  { code: 'input-changed', about: 'written while it is read', call: { shown: SINGLE, run: growing } },
  single('foreign-format', 'compressed', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)),
  single('foreign-format', 'a workbook', Buffer.from('PK\x03\x04 and so on', 'latin1')),
  single('foreign-format', 'Parquet', Buffer.from('PAR1\x15 and so on', 'latin1')),
  { code: 'foreign-format', about: 'a model in the place of the data', links: ['single.onnx'], line: 'scoreline profile single.onnx -o data.json' },
  single('foreign-format', 'UTF-32', Buffer.from('\xff\xfe\0\0x\0\0\0', 'latin1')),
  { code: 'format-mismatch', about: 'Arrow that is called CSV', line: 'scoreline score -m adult.onnx adult.csv', links: ['adult.onnx'], files: { 'adult.csv': Buffer.from('ARROW1\0\0 and so on') } },
  { code: 'format-mismatch', about: 'CSV that is called Arrow', line: 'scoreline score -m single.onnx data.arrow', links: ['single.onnx'], files: { 'data.arrow': 'id,x\na,1\n' } },
  single('empty-input', 'nothing in it', ''),
  single('empty-input', 'shorter than its preamble', 'report of today\n', ' --skip-lines 3'),
  single('no-rows', 'nothing but a header', 'x\n'),
  single('row-count', 'fewer rows than there should be', 'x\n1\n2\n', ' --expect-rows 3'),
  single('digest-mismatch', 'not the file that was sent', 'x\n1\n2\n', ` --expect-sha256 ${'e3b0c442'.repeat(8)}`),
  single('bad-header', 'a stray quote', 'x,"y" z\n1,2\n'),
  single('bad-header', 'UTF-16 without a mark', Buffer.from('x\n1\n', 'utf16le')),
  single('bad-header', 'Latin-1', Buffer.from('x,größe\n1,2\n', 'latin1')),
  single('empty-column-name', "pandas' index", ',x\n0,1\n'),
  single('empty-column-name', 'the line that Excel puts first', 'sep=;\nx;y\n1;2\n', " --delimiter ';'"),
  single('duplicate-column', 'two columns of one name', 'x,y,x\n1,2,3\n'),
  single('columns-mismatch', 'other columns than were named', '1,2\n', ' --no-header --columns x'),
  single('columns-mismatch', 'another delimiter', '1;2\n', ' --no-header --columns x,y'),
  single('encoding', 'a mark that says otherwise', '\ufeffx\n1\n', ' --encoding latin1'),
  single('encoding', 'bytes that mean nothing', Buffer.from('x\n1\n\x81\x20\n', 'latin1'), ' --encoding shift_jis'),
  { code: 'unterminated-input', about: 'a producer that was cut off', line: 'scoreline score -m single.onnx', stdin: 'x\n1\n2', links: ['single.onnx'] },
  single('missing-column', 'nothing like it', 'a,b\n1,2\n'),
  single('missing-column', 'another delimiter', 'x;y\n1;2\n'),
  single('missing-column', 'no header', '1.5\n2\n'),
  { code: 'missing-column', about: 'other spellings', line: 'scoreline score -m adult.onnx people.csv -o scores.csv', links: ['adult.onnx'], files: { 'people.csv': 'Age,Workclass,fnlwgt,Education,education-num,Marital-Status,Occupation,Relationship,Race,Sex,Capital-Gain,Capital-Loss,Hours-per-week,Native-country\n' } },
  { code: 'missing-column', about: 'one of an order', line: 'scoreline score -m linear.onnx homes.csv -o scores.csv', links: ['linear.onnx'], files: { 'homes.csv': 'longitude,latitude\n1,2\n' } },
  single('too-many-rejects', 'several', 'x\n1\ntwo\n3\nfour\n'),
]; // prettier-ignore

/** A file that somebody appends to while it is read. */
async function growing(): Promise<void> {
  writeFileSync('data.csv', 'x\n1\n2\n');
  const source = await openSource('data.csv');
  try {
    await source.peek(4);
    appendFileSync('data.csv', '3\n');
    while ((await source.read(new Uint8Array(4))) > 0);
  } finally {
    await source.close();
  }
}
