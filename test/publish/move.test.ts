import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { secureFolder } from '#src/publish/folder.js';
import { measureFolder } from '#src/publish/measure.js';
import { heldName } from '#src/publish/hold.js';
import { moveMeant, removeFile, removeMeant, type Meant } from '#src/publish/move.js';
import { tempFolder } from '../support/command.js';

function place(): { file: string; folder: string } {
  const root = tempFolder();
  mkdirSync(join(root, 'done'));
  writeFileSync(join(root, 'a.csv'), 'mine');
  return { file: join(root, 'a.csv'), folder: join(root, 'done') };
}

/** The file that lies there now. */
function meant(path: string): Meant {
  const { ino } = lstatSync(path, { bigint: true });
  return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), is: (found) => found.isFile() && found.ino === ino };
}

/** The same, which is replaced by a newcomer right after it was looked at for the `times`th time. */
function replacedAfter(path: string, times: number): Meant {
  const file = meant(path);
  // kept, so that the newcomer gets another inode
  linkSync(path, `${path}.old`);
  let looks = 0;
  return {
    ...file,
    is: (found) => {
      const same = file.is(found);
      if (++looks === times) {
        writeFileSync(`${path}.new`, 'newcomer');
        renameSync(`${path}.new`, path);
      }
      return same;
    },
  };
}

describe('a file that was replaced while it was looked at', () => {
  test('is not removed in the place of the one that was meant', async () => {
    const { file } = place();
    expect(await removeMeant(replacedAfter(file, 1))).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('newcomer');
    expect(existsSync(heldName(file))).toBe(false);
  });

  test.each([1, 2])('is not moved in its place (look %i)', async (times) => {
    const { file, folder } = place();
    const moved = await moveMeant(replacedAfter(file, times), folder);
    expect(readFileSync(file, 'utf8')).toBe('newcomer');
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(times === 1 ? [] : ['mine']);
    expect(moved).toBe(times === 1 ? undefined : join(folder, 'a.csv'));
    expect(existsSync(heldName(file))).toBe(false);
  });

  test('and the run was killed with it in hand, is put back by the next one', async () => {
    const { file } = place();
    const old = meant(file);
    linkSync(file, `${file}.old`);
    rmSync(file);
    writeFileSync(heldName(file), 'newcomer');
    expect(await removeMeant(old)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('newcomer');
  });

  test('and was itself taken away by a run that was killed, is removed, and the newcomer is not', async () => {
    const { file } = place();
    const old = meant(file);
    renameSync(file, heldName(file));
    writeFileSync(file, 'newcomer');
    expect(await removeMeant(old)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('newcomer');
    expect(existsSync(heldName(file))).toBe(false);
  });
});

describe('a file that is moved into a folder', () => {
  test('is there under its name, and no longer where it was', async () => {
    const { file, folder } = place();
    expect(await moveMeant(meant(file), folder)).toBe(join(folder, 'a.csv'));
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('mine');
    expect(existsSync(file)).toBe(false);
  });

  test('replaces no other file: a part of its digest goes into the name', async () => {
    const { file, folder } = place();
    writeFileSync(join(folder, 'a.csv'), 'theirs');
    expect(await moveMeant(meant(file), folder)).toMatch(/\/a\.[0-9a-f]{12}\.csv$/);
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['mine', 'theirs']);
  }); // prettier-ignore

  test('and was interrupted before its old name went, is the same move', async () => {
    const { file, folder } = place();
    linkSync(file, join(folder, 'a.csv'));
    await moveMeant(meant(file), folder);
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(existsSync(file)).toBe(false);
  });

  const shared = '/dev/shm';
  const elsewhere = existsSync(shared) && statSync(shared).dev !== statSync(tempFolder()).dev;
  test.runIf(elsewhere)('goes whole to another filesystem, and replaces nothing there', async () => {
    const { file } = place();
    const folder = mkdtempSync(join(shared, 'scoreline-test-'));
    try {
      chmodSync(file, 0o600);
      await moveMeant(meant(file), folder);
      expect(statSync(join(folder, 'a.csv')).mode & 0o777).toBe(0o600);
      writeFileSync(file, 'another');
      const second = await moveMeant(meant(file), folder);
      expect(second).toMatch(/\/a\.[0-9a-f]{12}\.csv$/);
      expect(readdirSync(folder)).toHaveLength(2);
      expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('mine');
      expect(readFileSync(second ?? '', 'utf8')).toBe('another');
      expect(existsSync(file)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.runIf(elsewhere)('does not go to another filesystem with other content than was meant', async () => {
    const { file } = place();
    const folder = mkdtempSync(join(shared, 'scoreline-test-'));
    try {
      const old = meant(file);
      writeFileSync(file, 'MINE');
      expect(await moveMeant(old, folder)).toBe(undefined);
      expect(readdirSync(folder)).toEqual([]);
      expect(readFileSync(file, 'utf8')).toBe('MINE');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that cannot take it stays as it was', async () => {
    const { file, folder } = place();
    await expect(moveMeant(meant(file), join(folder, 'missing'))).rejects.toMatchObject({ code: 'output-folder-missing' });
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
