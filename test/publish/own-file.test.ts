import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuseInputs, standingAt, writeOwn } from '#src/publish/own-file.js';
import { failWrites } from './full-disk.js';
import { expectNames, failureOf, openFolder } from './folder.js';

const NOTE = { kind: 'a note', headBytes: 8, isOwn: (head: string) => head.startsWith('note: ') };

/** A folder with one of each. */
function filled(): (name: string) => string {
  const folder = openFolder();
  const path = (name: string): string => join(folder, name);
  for (const [name, content] of Object.entries({ own: 'note: buy oats', empty: '', foreign: 'id,x\n1,2\n', late: '\n\n\n\n\n\n\n\nnote: ' })) writeFileSync(path(name), content);
  mkdirSync(path('folder'));
  symlinkSync('foreign', path('link'));
  symlinkSync('absent', path('dangling'));
  return path;
} // prettier-ignore

describe('where a file of a kind would go', () => {
  test.each([
    ['own', 'own'],
    ['empty', 'empty'],
    ['absent', 'nothing'],
    ['dangling', 'nothing'],
    ['folder', 'nothing'],
    ['no/such/file', 'nothing'],
    ['own/file', 'nothing'],
  ])('%s is %s', async (name, standing) => {
    expect(await standingAt(filled()(name), NOTE)).toBe(standing);
  });

  test.each(['foreign', 'link', 'late'])('%s is refused, by its name and with what was expected', async (name) => {
    const path = filled()(name);
    const message = `cannot replace '${path}': expected a note or nothing there, found another kind of file`;
    expect(await failureOf(standingAt(path, NOTE))).toMatchObject({ code: 'output-foreign', status: 73, message });
  });

  test('stdout and devices are nothing that could be replaced', async () => {
    expect([await standingAt('-', NOTE), await standingAt('/dev/null', NOTE)]).toEqual(['nothing', 'nothing']);
  });
});

describe('what a command reads', () => {
  test('is not written to, under whatever name', async () => {
    const path = filled();
    linkSync(path('foreign'), path('hard'));
    for (const target of ['foreign', 'link', 'hard']) {
      const refused = await failureOf(refuseInputs('the note', path(target), [['the data', path('absent')], ['the model', path('foreign')]])); // prettier-ignore
      expect(refused).toMatchObject({ code: 'same-file', status: 64, message: `the note and the model are the same file: ${path(target)}` });
    }
  });

  test('leaves every other name free', async () => {
    const path = filled();
    for (const target of ['own', 'absent', 'folder']) {
      await expect(refuseInputs('the note', path(target), [['the data', path('foreign')], ['the model', undefined]])).resolves.toBeUndefined(); // prettier-ignore
    }
  });
});

describe('writing it', () => {
  test('replaces the old one, or under noClobber nothing that has come there', async () => {
    const path = filled();
    await writeOwn(path('own'), 'note: new', { noClobber: false });
    expect(readFileSync(path('own'), 'utf8')).toBe('note: new');
    expect(await failureOf(writeOwn(path('own'), 'note: newer', { noClobber: true }))).toMatchObject({ code: 'output-exists', status: 73 });
    expect(readFileSync(path('own'), 'utf8')).toBe('note: new');
    expectNames(path('.'), 'dangling', 'empty', 'folder', 'foreign', 'late', 'link', 'own');
  });

  test.each(['write', 'sync'] as const)('leaves nothing behind where the disk refuses to %s, and the old one as it was', async (step) => {
    const folder = openFolder();
    const path = join(folder, 'own');
    writeFileSync(path, 'note: old');
    await failWrites(folder, step);
    expect(await failureOf(writeOwn(path, 'note: new', { noClobber: false }))).toMatchObject({ code: 'no-space', status: 74 });
    expect(readFileSync(path, 'utf8')).toBe('note: old');
    expectNames(folder, 'own');
  });
});
