import { execFileSync } from 'node:child_process';
import { chownSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publish } from '#src/publish/commit.js';
import { isSpecialOutput } from '#src/publish/open.js';
import { lockOutput } from '#src/publish/output-lock.js';
import { rollForward, sweep } from '#src/publish/recover.js';
import type { Prepared } from '#src/publish/run-state.js';
import { openStage, reopenStage } from '#src/publish/stage.js';
import { expectNames, openFolder } from './folder.js';
import { watchFolderSyncs } from './syncs.js';

const NO_LINKS = { followLinks: false };

/** A folder with a link under the name of the output, to a file that must stay as it is. */
function planted(name = 'out.csv'): { folder: string; path: string; victim: string } {
  const folder = realpathSync(openFolder());
  mkdirSync(join(folder, 'elsewhere'));
  const victim = join(folder, 'elsewhere', 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(folder, name));
  return { folder, path: join(folder, name), victim };
}

describe('a link under a name that nobody gave', () => {
  test('is replaced by the output, and what it leads to stays as it was', async () => {
    const { folder, path, victim } = planted();
    const output = await openStage(path, NO_LINKS);
    await output.write(Buffer.from('new'));
    await publish({ output });
    expect([lstatSync(path).isFile(), readFileSync(path, 'utf8'), readFileSync(victim, 'utf8')]).toEqual([true, 'new', 'precious']);
    expectNames(folder, 'elsewhere', 'out.csv');
    expectNames(join(folder, 'elsewhere'), 'victim');
  });

  test('does not give its mode to the output', async () => {
    const { path, victim } = planted();
    execFileSync('chmod', ['777', victim]);
    const output = await openStage(path, NO_LINKS);
    await publish({ output });
    expect(statSync(path).mode & 0o111).toBe(0);
  });

  test('is itself what goes where a stale rejects file would', async () => {
    const { folder, path, victim } = planted('rejects.csv');
    const output = await openStage(join(folder, 'out.csv'));
    await publish({ output, staleRejects: path, followStale: false });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expectNames(folder, 'elsewhere', 'out.csv');
  });

  test('is replaced also by a run that goes on from a checkpoint', async () => {
    const { folder, path, victim } = planted();
    const first = await openStage(path, { ...NO_LINKS, keeps: () => true });
    await first.write(Buffer.from('one,'));
    await first.abort();
    const second = await reopenStage(path, { staged: first.staged, bytes: 4, sha256: first.digest() }, NO_LINKS);
    if (typeof second === 'string') throw new Error(second);
    await second.write(Buffer.from('two'));
    await publish({ output: second });
    expect([readFileSync(path, 'utf8'), readFileSync(victim, 'utf8')]).toEqual(['one,two', 'precious']);
    expectNames(folder, 'elsewhere', 'out.csv');
  });

  test('is no pipe or device, whatever it leads to', async () => {
    const folder = openFolder();
    symlinkSync('/dev/null', join(folder, 'out.csv'));
    expect(await isSpecialOutput(join(folder, 'out.csv'))).toBe(true);
    expect(await isSpecialOutput(join(folder, 'out.csv'), NO_LINKS)).toBe(false);
  });

  test('has its lock beside itself; one that is named is followed, as it always was', async () => {
    const { folder, path, victim } = planted();
    const own = await lockOutput(path, NO_LINKS);
    const named = await lockOutput(path);
    expect([own.path, named.target]).toEqual([join(folder, '.out.csv.scoreline-run'), victim]);
    await own.release();
    await named.release();
    const output = await openStage(path);
    await publish({ output });
    expect([readlinkSync(path), readFileSync(victim, 'utf8')]).toEqual([victim, '']);
  });
});

test.skipIf(process.geteuid?.() !== 0)('rejects belong to root also where somebody else had put a file in their place', async () => {
  const path = join(openFolder(), 'out.csv.rejects.csv');
  writeFileSync(path, '');
  chownSync(path, 4711, 4711);
  const rejects = await openStage(path, { mode: 0o600 });
  await publish({ rejects });
  const { uid, gid, mode } = statSync(path);
  expect([uid, gid, mode & 0o777]).toEqual([0, 0, 0o600]);
});

describe('a state file that names a file to be removed', () => {
  /** A run that died before it renamed, and what it says is to be removed. */
  async function dead(folder: string, removes: string): Promise<Prepared> {
    const output = await openStage(join(folder, 'out.csv'));
    await output.write(Buffer.from('new'));
    await output.finish();
    const { path, staged, bytes } = output;
    return { output: { path, staged, bytes, sha256: output.digest() }, rejects: null, removes, noClobber: false, outcome: null };
  }

  test.each([
    ['precious.txt', undefined, false],
    ['precious.txt', 'rejects.csv', false],
    ['rejects.csv', 'rejects.csv', true],
    ['out.csv.rejects.csv', undefined, true],
  ])('%s, known rejects file %s: rolled forward %j', async (name, known, forward) => {
    const folder = realpathSync(openFolder());
    writeFileSync(join(folder, name), 'content');
    const prepared = await dead(folder, join(folder, name));
    const lock = await lockOutput(join(folder, 'out.csv'));
    try {
      expect(await rollForward(lock, prepared, known && join(folder, known))).toBe(forward);
    } finally {
      await lock.release();
    }
    if (forward) expectNames(folder, 'out.csv');
    else expect(readFileSync(join(folder, name), 'utf8')).toBe('content');
  });

  test('is rolled forward where that file is gone already', async () => {
    const folder = realpathSync(openFolder());
    const prepared = await dead(folder, join(folder, 'gone.csv'));
    const lock = await lockOutput(join(folder, 'out.csv'));
    expect(await rollForward(lock, prepared)).toBe(true);
    await lock.release();
    expectNames(folder, 'out.csv');
  });
});

test('what dead runs into this output left of the rejects file goes, what a run into another output writes there stays', async () => {
  const folder = realpathSync(openFolder());
  const [output, rejects] = [join(folder, 'out.csv'), join(folder, 'out.csv.rejects.csv')];
  const keeps = (): boolean => true;
  const dead = await openStage(rejects, { beside: output, keeps });
  const other = await openStage(rejects, { beside: join(folder, 'other.csv') }); // `-o other.csv --rejects out.csv.rejects.csv`
  await dead.abort();
  const lock = await lockOutput(output);
  await sweep(lock, () => false);
  await lock.release();
  await publish({ rejects: other });
  expectNames(folder, 'out.csv.rejects.csv');
});

test('the name of a temp file is durable with the first bytes of it that a checkpoint speaks of', async () => {
  const folder = realpathSync(openFolder());
  const stage = await openStage(join(folder, 'rejects.csv'));
  const synced = await watchFolderSyncs();
  await stage.write(Buffer.from('one'));
  await stage.sync();
  await stage.write(Buffer.from('two'));
  await stage.sync();
  expect(synced).toEqual([folder]);
  await stage.abort();
});
