import { open } from 'node:fs/promises';
import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '#src/files/process-identity.js';
import { lockOutput, type OutputLock } from '#src/publish/output-lock.js';
import { readRunState, type RunState } from '#src/publish/run-state.js';
import { openFolder } from './folder.js';

const header = { run: 'r', identity: 'i', journal: null, ledger: null, process: thisProcess() };
const name = (of: 'output' | 'rejects') => ({ of, path: `/x/${of}`, staged: `/x/.${of}` });

async function stateOf(bytes: Uint8Array): Promise<RunState | undefined> {
  const path = join(openFolder(), 'state');
  writeFileSync(path, bytes);
  const file = await open(path);
  try {
    return await readRunState(file);
  } finally {
    await file.close();
  }
}

describe('the checkpoints of a run of days', () => {
  /** A lock with so many checkpoints of 100 KB, numbered from 1; a rejects file is named on the way. */
  async function withCheckpoints(folder: string, count: number): Promise<OutputLock> {
    const lock = await lockOutput(join(folder, 'out.csv'));
    await lock.begin(header);
    await lock.staged(name('output'));
    for (let at = 1; at <= count; at++) {
      if (at === 5) await lock.staged(name('rejects'));
      await lock.checkpoint({ at, padding: 'x'.repeat(100_000) });
    }
    return lock;
  }

  test('take bounded space, and the last one is found', async () => {
    const lock = await withCheckpoints(openFolder(), 60);
    expect(statSync(lock.path).size).toBeLessThan(1_400_000);
    expect(await stateOf(readFileSync(lock.path))).toMatchObject({
      header: { run: 'r' },
      checkpoint: { at: 60 },
      staged: [name('output'), name('rejects')],
    });
    await lock.release();
  });

  test('survive a crash at any byte of the writing over of old ones: the one before counts then', async () => {
    const lock = await withCheckpoints(openFolder(), 1);
    for (let at = 2; ; at++) {
      const before = readFileSync(lock.path);
      await lock.checkpoint({ at, padding: 'y'.repeat(100_000 + at) });
      if (statSync(lock.path).size >= before.length) continue;
      const after = readFileSync(lock.path);
      const changed = before.findIndex((byte, index) => byte !== after[index]);
      for (const written of [changed + 1, changed + 100, changed + 50_000, after.length - 1, after.length]) {
        const torn = Buffer.concat([after.subarray(0, written), before.subarray(written)]);
        expect(await stateOf(torn)).toMatchObject({ header: { run: 'r' }, checkpoint: { at: at - 1 }, staged: [name('output')] });
      }
      expect(await stateOf(after)).toMatchObject({ checkpoint: { at }, staged: [name('output')] });
      break;
    }
    await lock.release();
  });

  test('and the names of temp files may be written at once, and none is lost', async () => {
    const lock = await withCheckpoints(openFolder(), 1);
    await Promise.all([lock.checkpoint({ at: 2 }), lock.staged(name('rejects')), lock.checkpoint({ at: 3 })]);
    expect(await stateOf(readFileSync(lock.path))).toMatchObject({ checkpoint: { at: 3 }, staged: [name('output'), name('rejects')] });
    await lock.release();
  });
});

test('a run without flock(1) finds one that has it by its own word, until that has given the output back', async () => {
  const target = join(openFolder(), 'out.csv');
  const parent = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
  const startTime = parent.slice(parent.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const without = { flockCommands: ['no-such-flock'] };
  const lock = await lockOutput(target);
  await lock.begin({ ...header, process: { ...thisProcess(), pid: process.ppid, startTime } });
  await expect(lockOutput(target, without)).rejects.toMatchObject({ code: 'output-locked', status: 75 });
  await lock.release('keep');
  const other = await lockOutput(target, without);
  expect(other.found?.header.run).toBe('r');
  await other.release();
});

test('a run that finds one without flock(1) when it has begun leaves the output to that', async () => {
  const target = join(openFolder(), 'out.csv');
  const lock = await lockOutput(target);
  writeFileSync(`${lock.path}.owner`, JSON.stringify(thisProcess()));
  await expect(lock.begin(header)).rejects.toMatchObject({ code: 'output-locked', status: 75 });
  await lock.release();
  expect(statSync(lock.path).isFile()).toBe(true); // the other has it for its own
});

test('an output whose state file somebody has removed is given back all the same', async () => {
  const lock = await lockOutput(join(openFolder(), 'out.csv'));
  unlinkSync(lock.path);
  await lock.release();
  expect(() => statSync(lock.path)).toThrow('ENOENT');
});
