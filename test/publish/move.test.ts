import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { secureFolder } from '#src/publish/folder.js';
import { measureFolder } from '#src/publish/measure.js';
import { moveInto, removeFile } from '#src/publish/move.js';
import { tempFolder } from '../support/command.js';

function place(): { file: string; folder: string } {
  const root = tempFolder();
  mkdirSync(join(root, 'done'));
  writeFileSync(join(root, 'a.csv'), 'mine');
  return { file: join(root, 'a.csv'), folder: join(root, 'done') };
}

describe('a file that is moved into a folder', () => {
  test('is there under its name, and no longer where it was', async () => {
    const { file, folder } = place();
    expect(await moveInto(file, folder, 'mark')).toBe(join(folder, 'a.csv'));
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('mine');
    expect(existsSync(file)).toBe(false);
  });

  test('replaces no other file: its mark goes into the name', async () => {
    const { file, folder } = place();
    writeFileSync(join(folder, 'a.csv'), 'theirs');
    expect(await moveInto(file, folder, 'mark')).toBe(join(folder, 'a.mark.csv'));
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['mine', 'theirs']);
  }); // prettier-ignore

  test('and was interrupted before its old name went, is the same move', async () => {
    const { file, folder } = place();
    linkSync(file, join(folder, 'a.csv'));
    await moveInto(file, folder, 'mark');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(existsSync(file)).toBe(false);
  });

  const shared = '/dev/shm';
  const elsewhere = existsSync(shared) && statSync(shared).dev !== statSync(tempFolder()).dev;
  test.runIf(elsewhere)('goes whole to another filesystem, and replaces nothing there', async () => {
    const { file } = place();
    const folder = mkdtempSync(join(shared, 'scoreline-test-'));
    try {
      await moveInto(file, folder, 'mark');
      writeFileSync(file, 'another');
      await moveInto(file, folder, 'mark');
      expect(readdirSync(folder).sort()).toEqual(['a.csv', 'a.mark.csv']);
      expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('mine');
      expect(readFileSync(join(folder, 'a.mark.csv'), 'utf8')).toBe('another');
      expect(existsSync(file)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that cannot take it stays as it was', async () => {
    const { file, folder } = place();
    await expect(moveInto(file, join(folder, 'missing'), 'mark')).rejects.toMatchObject({ code: 'output-folder-missing' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('that is gone already is removed all the same', async () => {
    const { file } = place();
    await removeFile(file);
    await removeFile(file);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a folder made for an output', () => {
  test('is made below the one that must be there, and only there', async () => {
    const root = tempFolder();
    await secureFolder(join(root, 'a/b/c.csv'), root);
    expect(statSync(join(root, 'a/b')).isDirectory()).toBe(true);
    await expect(secureFolder(join(root, 'x/c.csv'), join(root, 'x'))).rejects.toMatchObject({ code: 'output-folder-missing' });
  });

  test('never lies behind a link that leads out', async () => {
    const root = tempFolder();
    const other = tempFolder();
    symlinkSync(other, join(root, 'day'));
    symlinkSync(join(other, 'x.csv'), join(root, 'file.csv'));
    await expect(secureFolder(join(root, 'day/a.csv'), root)).rejects.toMatchObject({ code: 'output-escapes', status: 77 });
    await expect(secureFolder(join(root, 'day/b/c/a.csv'), root)).rejects.toMatchObject({ code: 'output-escapes' });
    expect(readdirSync(other)).toEqual([]);
    await expect(secureFolder(join(root, 'file.csv'), root)).rejects.toMatchObject({ code: 'output-escapes' });
  });

  test('is tried out without a trace', async () => {
    const root = tempFolder();
    const { freeBytes, writeBytesPerSecond, locks } = await measureFolder(root, 20);
    expect(freeBytes).toBeGreaterThan(0);
    expect(writeBytesPerSecond).toBeGreaterThan(0);
    expect(locks).not.toBe('fail');
    expect(readdirSync(root)).toEqual([]);
  });
});
