import { chmodSync, chownSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { publish } from '#src/publish/commit.js';
import { findLeftovers } from '#src/publish/leftovers.js';
import { openStage } from '#src/publish/stage.js';
import { expectNames, failureOf, openFolder, umask } from './folder.js';

const OLD = Buffer.from('old\n');
const NEW = Buffer.from('new, and longer\n');

/** Stages and publishes NEW. */
async function replace(target: string, options = {}): Promise<void> {
  const stage = await openStage(target, options);
  await stage.write(NEW);
  await publish({ output: stage });
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a published stage', () => {
  test('is the whole of what was written, with its digest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (pieces) => {
        const folder = openFolder();
        const stage = await openStage(join(folder, 'out.csv'));
        for (const piece of pieces) await stage.write(piece);
        await publish({ output: stage });
        const whole = Buffer.concat(pieces);
        expect(readFileSync(stage.path).equals(whole)).toBe(true);
        expect(stage.bytes).toBe(whole.length);
        expect(stage.digest()).toBe(createHash('sha256').update(whole).digest('hex'));
        expectNames(folder, 'out.csv');
      }),
      { numRuns: 30 },
    );
  });

  test('is invisible, and private, until it is revealed', async () => {
    const folder = openFolder();
    const target = join(folder, 'out.csv');
    writeFileSync(target, OLD);
    const stage = await openStage(target);
    expect(basename(stage.staged)).toMatch(/^\.out\.csv\.[0-9a-f]{12}\.scoreline-tmp$/);
    expect(modeOf(stage.staged)).toBe(0o600);
    await stage.write(NEW);
    await stage.finish();
    expect(readFileSync(target)).toEqual(OLD);
    await stage.reveal();
    expect(readFileSync(target)).toEqual(NEW);
    expectNames(folder, 'out.csv');
  });

  test('keeps the mode of the file which it replaces', async () => {
    const target = join(openFolder(), 'out.csv');
    writeFileSync(target, OLD);
    chmodSync(target, 0o640);
    await replace(target);
    expect(modeOf(target)).toBe(0o640);
  });

  test('has the mode that the umask leaves where there was none, or the one asked for', async () => {
    const folder = openFolder();
    await replace(join(folder, 'out.csv'));
    expect(modeOf(join(folder, 'out.csv'))).toBe(0o666 & ~umask());
    await replace(join(folder, 'rejects.csv'), { mode: 0o600 });
    expect(modeOf(join(folder, 'rejects.csv'))).toBe(0o600);
  });

  test.runIf(process.getuid?.() === 0)('keeps the owner where the system lets it', async () => {
    const target = join(openFolder(), 'out.csv');
    writeFileSync(target, OLD);
    chownSync(target, 12345, 23456);
    await replace(target);
    expect(statSync(target)).toMatchObject({ uid: 12345, gid: 23456 });
  });

  test('goes to the real path of a symlink, which stays', async () => {
    const folder = openFolder();
    const elsewhere = openFolder();
    writeFileSync(join(elsewhere, 'real.csv'), OLD);
    symlinkSync(join(elsewhere, 'real.csv'), join(folder, 'out.csv'));
    await replace(join(folder, 'out.csv'));
    expect(readlinkSync(join(folder, 'out.csv'))).toBe(join(elsewhere, 'real.csv'));
    expect(readFileSync(join(elsewhere, 'real.csv'))).toEqual(NEW);
    expectNames(elsewhere, 'real.csv');
    expectNames(folder, 'out.csv');
  });

  test('goes where a dangling symlink points', async () => {
    const folder = openFolder();
    mkdirSync(join(folder, 'sub'));
    symlinkSync('sub/later.csv', join(folder, 'out.csv'));
    await replace(join(folder, 'out.csv'));
    expect(readFileSync(join(folder, 'sub', 'later.csv'))).toEqual(NEW);
  });

  test('may have the longest name that the filesystem takes, in any script', async () => {
    const folder = openFolder();
    for (const name of ['x'.repeat(255), `${'ü'.repeat(125)}.csv`, '$(touch oops) "quoted"\n.csv']) {
      await replace(join(folder, name));
      expect(readFileSync(join(folder, name))).toEqual(NEW);
    }
    expectNames(folder, 'x'.repeat(255), `${'ü'.repeat(125)}.csv`, '$(touch oops) "quoted"\n.csv');
  });
});

describe('no-clobber', () => {
  test('refuses at the start', async () => {
    const folder = openFolder();
    writeFileSync(join(folder, 'out.csv'), OLD);
    expect(await failureOf(openStage(join(folder, 'out.csv'), { noClobber: true }))).toMatchObject({ code: 'output-exists', status: 73 });
    expectNames(folder, 'out.csv');
  });

  test('refuses at the last moment, and leaves no temp file', async () => {
    const folder = openFolder();
    const target = join(folder, 'out.csv');
    const stage = await openStage(target, { noClobber: true });
    await stage.write(NEW);
    const failure = await failureOf(publish({ output: stage, sealed: () => writeFileSync(target, OLD) }));
    expect(failure).toMatchObject({ code: 'output-exists', status: 73 });
    expect(readFileSync(target)).toEqual(OLD);
    expectNames(folder, 'out.csv');
  });

  test('publishes where there is nothing', async () => {
    const folder = openFolder();
    await replace(join(folder, 'out.csv'), { noClobber: true });
    expectNames(folder, 'out.csv');
    expect(statSync(join(folder, 'out.csv')).nlink).toBe(1);
  });
});

describe('a target that cannot be', () => {
  const folder = (): string => {
    const path = openFolder();
    mkdirSync(join(path, 'directory'));
    writeFileSync(join(path, 'file'), OLD);
    symlinkSync('loop-b', join(path, 'loop-a'));
    symlinkSync('loop-a', join(path, 'loop-b'));
    return path;
  };
  test.each([
    ['directory', 'output-is-directory', 'directory'],
    ['new/', 'output-is-directory', 'directory'],
    ['missing/out.csv', 'output-folder-missing', 'folder does not exist'],
    ['file/out.csv', 'output-folder-missing', 'is a file'],
    ['x'.repeat(256), 'output-name-too-long', 'longer'],
    ['loop-a', 'output-link-loop', 'circle'],
  ])('%.20s: %s', async (name, code, words) => {
    const path = folder();
    const failure = await failureOf(openStage(join(path, name)));
    expect(failure).toMatchObject({ code, status: 73 });
    expect(failure.message).toContain(words);
    expect(failure.message).toContain(name);
    expect(failure.fix).toMatch(/\.$/);
    expectNames(path, 'directory', 'file', 'loop-a', 'loop-b');
  });
});

describe('a stage that is given up', () => {
  test('leaves the old target and no temp file, whenever', async () => {
    const folder = openFolder();
    const target = join(folder, 'out.csv');
    writeFileSync(target, OLD);
    for (const upTo of ['open', 'write', 'finish']) {
      const stage = await openStage(target);
      if (upTo !== 'open') await stage.write(NEW);
      if (upTo === 'finish') await stage.finish();
      await stage.abort();
      await stage.abort();
      expect(readFileSync(target)).toEqual(OLD);
      expectNames(folder, 'out.csv');
      expect(await failureOf(stage.write(NEW))).toMatchObject({ code: 'defect' });
    }
  });

  test('may be so during a write', async () => {
    const folder = openFolder();
    const stage = await openStage(join(folder, 'out.csv'));
    const writing = stage.write(Buffer.alloc(8 << 20)).catch(() => undefined);
    await stage.abort();
    await writing;
    expectNames(folder);
  });

  test('after reveal is published all the same', async () => {
    const folder = openFolder();
    const stage = await openStage(join(folder, 'out.csv'));
    await publish({ output: stage });
    await stage.abort();
    expectNames(folder, 'out.csv');
  });
});

describe('temp files', () => {
  test('are never planted ones', async () => {
    const folder = openFolder();
    writeFileSync(join(folder, 'victim'), OLD);
    symlinkSync('victim', join(folder, '.out.csv.000000000000.scoreline-tmp'));
    let calls = 0;
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(calls++);
    const stage = await openStage(join(folder, 'out.csv'), { random });
    expect(basename(stage.staged)).toBe('.out.csv.010101010101.scoreline-tmp');
    await stage.write(NEW);
    await publish({ output: stage });
    expect(readFileSync(join(folder, 'victim'))).toEqual(OLD);
  });

  test('of a killed run are found, those of others are not', async () => {
    const folder = openFolder();
    const target = join(folder, 'out.csv');
    await openStage(join(folder, 'out.csv.gz')).then((stage) => stage.finish());
    const stage = await openStage(target);
    await stage.write(NEW);
    writeFileSync(join(folder, '.out.csv.notours.scoreline-tmp'), OLD);
    const found = await findLeftovers(target);
    expect(found).toEqual([{ path: stage.staged, bytes: NEW.length, modifiedMs: statSync(stage.staged).mtimeMs }]);
    await stage.abort();
    expect(await findLeftovers(target)).toEqual([]);
  });
});

test('what else writes into the stage is noticed before it is published', async () => {
  const folder = openFolder();
  const stage = await openStage(join(folder, 'out.csv'));
  await stage.write(NEW);
  writeFileSync(stage.staged, OLD);
  expect(await failureOf(publish({ output: stage }))).toMatchObject({
    code: 'write-failed',
    status: 74,
    details: { expected: NEW.length, found: OLD.length },
  });
  expectNames(folder);
});
