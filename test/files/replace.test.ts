import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile } from '#src/files/replace.js';
import { openFolder } from '../publish/folder.js';

test('what a killed writer left, or somebody planted, is neither read nor written through', async () => {
  const folder = openFolder();
  const path = join(folder, 'ledger');
  writeFileSync(join(folder, 'victim'), 'precious');
  symlinkSync('victim', `${path}.new`);
  await replaceFile(path, Buffer.from('one'), 0o600);
  writeFileSync(`${path}.new`, 'half a li');
  await replaceFile(path, Buffer.from('two'), 0o600);
  expect([readFileSync(path, 'utf8'), readFileSync(join(folder, 'victim'), 'utf8')]).toEqual(['two', 'precious']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['ledger', 'victim']);
});

test('what cannot be replaced stays as it was', async () => {
  const folder = openFolder();
  await expect(replaceFile(join(folder, 'none', 'ledger'), Buffer.from('one'), 0o600)).rejects.toMatchObject({ code: 'ENOENT' });
  mkdirSync(join(folder, 'taken'));
  await expect(replaceFile(join(folder, 'taken'), Buffer.from('one'), 0o600)).rejects.toMatchObject({ code: 'EISDIR' });
  expect(readdirSync(folder)).toEqual(['taken']);
});
