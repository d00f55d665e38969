import { createHash } from 'node:crypto';
import { chownSync, existsSync, linkSync, readFileSync, renameSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { publish } from '#src/publish/commit.js';
import type { StagedPrefix } from '#src/publish/reopen.js';
import { openStage, reopenStage, type ReopenedStage } from '#src/publish/stage.js';
import { expectNames, failureOf, openFolder } from './folder.js';

afterEach(() => vi.restoreAllMocks());

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A stage that its run has left after `bytes`, of which the first `kept` are in the checkpoint. */
async function leave(target: string, bytes: Uint8Array, kept = bytes.length): Promise<StagedPrefix> {
  const stage = await openStage(target, { keeps: () => true });
  await stage.write(bytes);
  await stage.abort();
  return { staged: stage.staged, bytes: kept, sha256: sha256(bytes.subarray(0, kept)) };
}

function opened(stage: ReopenedStage | string): ReopenedStage {
  if (typeof stage === 'string') throw new Error(stage);
  return stage;
}

describe('a stage that is gone on from', () => {
  test('ends as one that was written in one go, with its digest, wherever it was left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 300 }),
        async (kept, lost, more) => {
          const folder = openFolder();
          const target = join(folder, 'out.csv');
          const prefix = await leave(target, Buffer.concat([kept, lost]), kept.length);
          const stage = opened(await reopenStage(target, prefix));
          expect([stage.bytes, stage.digest(), statSync(stage.staged).size]).toEqual([kept.length, sha256(kept), kept.length]);
          await stage.write(more);
          await publish({ output: stage });
          const whole = Buffer.concat([kept, more]);
          expect(readFileSync(target)).toEqual(whole);
          expect([stage.bytes, stage.digest()]).toEqual([whole.length, sha256(whole)]);
          expectNames(folder, 'out.csv');
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is read whole where it is longer than one piece', async () => {
    const target = join(openFolder(), 'out.csv');
    const bytes = Buffer.alloc((9 << 20) + 5).map((_, at) => at % 251);
    const stage = opened(await reopenStage(target, await leave(target, bytes, bytes.length - 2)));
    await stage.write(Buffer.from('!'));
    expect(stage.digest()).toBe(sha256(Buffer.concat([bytes.subarray(0, -2), Buffer.from('!')])));
    const tail = new Uint8Array(3);
    expect(await stage.readAt(tail, bytes.length - 4)).toBe(3);
    expect([...tail]).toEqual([...bytes.subarray(-4, -2), 0x21]);
    await stage.abort();
    expect(existsSync(stage.staged)).toBe(false);
  });

  test.each<[string, (prefix: StagedPrefix, folder: string) => unknown, string]>([
    ['is shorter than its checkpoint', ({ staged }) => truncateSync(staged, 3), 'has 3 bytes, 10 were synced'],
    ['was changed within it', ({ staged }) => writeFileSync(staged, '0123x56789abc'), 'was changed'],
    ['is gone', ({ staged }) => renameSync(staged, `${staged}.away`), 'cannot be opened: ENOENT'],
    ['is a link', ({ staged }) => (renameSync(staged, `${staged}.away`), symlinkSync(`${staged}.away`, staged)), 'cannot be opened: ELOOP'],
    ['has a second name', ({ staged }, folder) => linkSync(staged, join(folder, 'other')), 'has a second name'],
    ['stands in another folder', (prefix) => ({ staged: join('/tmp', basename(prefix.staged)) }), 'has a name that no temp file'],
    ['is called as no temp file is', (_, folder) => ({ staged: join(folder, 'precious.csv') }), 'has a name that no temp file'],
    ['is that of another output', (prefix) => ({ staged: prefix.staged.replace('out.csv', 'in.csv') }), 'has a name that no temp file'],
  ])('is not taken where it %s', async (_, spoil, why) => {
    const folder = openFolder();
    const target = join(folder, 'out.csv');
    writeFileSync(join(folder, 'precious.csv'), 'precious');
    const left = await leave(target, Buffer.from('0123456789abc'), 10);
    const prefix = { ...left, ...(spoil(left, folder) as Partial<StagedPrefix> | undefined) };
    expect(await reopenStage(target, prefix)).toContain(why);
    expect(readFileSync(join(folder, 'precious.csv'), 'utf8')).toBe('precious');
  });

  test.runIf(process.geteuid?.() === 0)('is not taken from another user', async () => {
    const target = join(openFolder(), 'out.csv');
    const prefix = await leave(target, Buffer.from('0123456789'));
    chownSync(prefix.staged, 65534, 65534);
    expect(await reopenStage(target, prefix)).toBe('belongs to another user');
  });

  test('refuses a target that appeared meanwhile, where that may not be replaced', async () => {
    const target = join(openFolder(), 'out.csv');
    const prefix = await leave(target, Buffer.from('0123456789'));
    writeFileSync(target, 'new');
    expect(await failureOf(reopenStage(target, prefix, { noClobber: true }))).toMatchObject({ code: 'output-exists', status: 73 });
  });
});

describe('a stage that is synced while it is written', () => {
  test('holds what was written before and after', async () => {
    const target = join(openFolder(), 'out.csv');
    const stage = await openStage(target);
    await stage.write(Buffer.from('one,'));
    const synced = stage.sync();
    await stage.write(Buffer.from('two'));
    await synced;
    await publish({ output: stage });
    expect(readFileSync(target, 'utf8')).toBe('one,two');
  });

  test('is given up for good where a sync fails: what is on the disk is not known any more', async () => {
    const target = join(openFolder(), 'out.csv');
    const stage = await openStage(target);
    await stage.write(Buffer.from('one'));
    const handles = await open('/dev/null');
    const datasync = vi.spyOn(Object.getPrototypeOf(handles) as FileHandle, 'datasync');
    datasync.mockRejectedValueOnce(Object.assign(new Error('input/output error'), { code: 'EIO' }));
    expect(await failureOf(stage.sync())).toMatchObject({ code: 'sync-failed', status: 74 });
    expect(await failureOf(stage.write(Buffer.from('two')))).toMatchObject({ code: 'sync-failed', status: 74 });
    expect(await failureOf(stage.finish())).toMatchObject({ code: 'sync-failed', status: 74 });
    await handles.close();
    await stage.abort();
    expectNames(dirname(target));
  });
});
