import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { publish, type Recoverable } from '#src/publish/commit.js';
import { lockOutput } from '#src/publish/output-lock.js';
import { rollForward } from '#src/publish/recover.js';
import type { Prepared } from '#src/publish/run-state.js';
import { openStage } from '#src/publish/stage.js';
import { openFolder } from './folder.js';
import { watchFolderSyncs } from './syncs.js';

let root = '';
/** What stood in the folders each time that one of them was synced. */
let seen: string[] = [];

const at = (name: string): string => join(root, name);
const text = (name: string): string => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : 'none');

beforeEach(async () => {
  root = realpathSync(openFolder());
  seen = [];
  for (const folder of ['scores', 'faults']) mkdirSync(at(folder));
  writeFileSync(at('scores/out.csv'), 'old');
  writeFileSync(at('faults/rejects.csv'), 'old rejects');
  await watchFolderSyncs((folder) => void seen.push(`${basename(folder)}: ${text('scores/out.csv')}, ${text('faults/rejects.csv')}`));
});

async function recoverable(): Promise<Recoverable> {
  const lines = {
    prepare: () => Promise.resolve(void seen.push('PREPARE')),
    commit: () => Promise.resolve(void seen.push('COMMIT')),
  };
  const lock = await lockOutput(at('scores/out.csv'));
  return { lock, noClobber: false, outcome: () => null, chronicle: { journal: (act) => act(lines) }, run: 'r', ledger: null };
}

async function staged(name: string, content: string) {
  const stage = await openStage(at(name));
  await stage.write(Buffer.from(content));
  return stage;
}

test('rejects in another folder are durable before the predictions are renamed, their temp name before PREPARE', async () => {
  const output = await staged('scores/out.csv', 'new');
  const rejects = await staged('faults/rejects.csv', 'new rejects');
  await publish({ output, rejects, recoverable: await recoverable() });
  expect(seen).toEqual([
    'faults: old, old rejects',
    'PREPARE',
    'scores: old, old rejects', // with `prepared` in the state file
    'faults: old, new rejects',
    'scores: new, new rejects',
    'COMMIT',
  ]);
});

test('the removal of stale rejects is durable before the predictions are renamed', async () => {
  const output = await staged('scores/out.csv', 'new');
  await publish({ output, staleRejects: at('faults/rejects.csv'), recoverable: await recoverable() });
  expect(seen).toEqual(['PREPARE', 'scores: old, old rejects', 'faults: old, none', 'scores: new, none', 'COMMIT']);
});

/** What a run had prepared that died when its predictions were visible. */
async function died(more: Partial<Prepared>): Promise<boolean> {
  const output = await staged('scores/out.csv', 'new');
  await output.finish();
  const { path, staged: temp, bytes } = output;
  const prepared: Prepared = {
    output: { path, staged: temp, bytes, sha256: output.digest() },
    rejects: null,
    removes: null,
    noClobber: false,
    outcome: null,
    ...more,
  };
  await output.reveal();
  const lock = await lockOutput(at('scores/out.csv'));
  try {
    return await rollForward(lock, prepared);
  } finally {
    await lock.release();
  }
}

test('recovery removes stale rejects also beside predictions that are visible already', async () => {
  writeFileSync(at('scores/out.csv.rejects.csv'), 'old rejects');
  expect(await died({ removes: at('scores/out.csv.rejects.csv') })).toBe(true);
  expect(text('scores/out.csv.rejects.csv')).toBe('none');
});
