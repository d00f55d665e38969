import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realTarget, sameFile } from '#src/publish/target.js';
import { openFolder } from './folder.js';

describe('sameFile', () => {
  test('sees through links and names, and descriptors', async () => {
    const folder = openFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(a, 'text');
    writeFileSync(b, 'text');
    linkSync(a, join(folder, 'hard'));
    symlinkSync('a', join(folder, 'soft'));
    expect(await sameFile(a, `${folder}/../${folder.split('/').at(-1)}/a`)).toBe(true);
    expect(await sameFile(a, join(folder, 'hard'))).toBe(true);
    expect(await sameFile(join(folder, 'soft'), a)).toBe(true);
    expect(await sameFile(a, b)).toBe(false);
    const descriptor = openSync(a, 'r');
    expect(await sameFile(descriptor, a)).toBe(true);
    closeSync(descriptor);
  });

  test('is false for what does not exist, and for devices', async () => {
    const folder = openFolder();
    expect(await sameFile(join(folder, 'none'), join(folder, 'none'))).toBe(false);
    expect(await sameFile('/dev/null', '/dev/null')).toBe(false);
    expect(await sameFile(folder, folder)).toBe(false);
  });
});

test('realTarget names one file by one path, there or not', async () => {
  const folder = realpathSync(openFolder());
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  symlinkSync('deep/er', join(folder, 'link'));
  expect(await realTarget(join(folder, 'deep', 'er', 'out.csv'))).toBe(join(folder, 'deep', 'er', 'out.csv'));
  expect(await realTarget(join(folder, 'link', 'out.csv'))).toBe(join(folder, 'deep', 'er', 'out.csv'));
  // As the kernel reads it: the parent of what the link points to, not the folder that holds the link.
  expect(await realTarget(`${folder}/link/../out.csv`)).toBe(join(folder, 'deep', 'out.csv'));
});
