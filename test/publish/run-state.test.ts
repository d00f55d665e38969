import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { thisProcess } from '#src/files/process-identity.js';
import { encodeCheckpoint, encodePrepared, encodeRun, encodeStaged, readRunState, type Prepared, type RunState } from '#src/publish/run-state.js';
import { openFolder } from './folder.js';

const header = {
  run: 'a-run',
  identity: 'abc',
  journal: '/data/out.csv.journal.jsonl',
  ledger: { path: '/state/ledger', entry: { input: 'a.csv' } },
  process: thisProcess(),
};
const staged = { of: 'output', path: '/data/out.csv', staged: '/data/.out.csv.0123456789ab.scoreline-tmp' } as const;
const prepared: Prepared = {
  output: { path: '/data/out.csv', staged: staged.staged, bytes: 12, sha256: 'a3'.repeat(32) },
  rejects: null,
  removes: '/data/out.csv.rejects.csv',
  noClobber: false,
  outcome: { rows: 3, least: 'NaN' },
};

async function read(...lines: (Buffer | string)[]): Promise<RunState | undefined> {
  const path = join(openFolder(), 'state');
  writeFileSync(path, Buffer.concat(lines.map((line) => Buffer.from(line))));
  const file = await open(path);
  try {
    return await readRunState(file);
  } finally {
    await file.close();
  }
}

test('a run is read back as it was written', async () => {
  const checkpoint = { offset: 4096 };
  const state = await read(
    encodeRun(header),
    encodeStaged(staged),
    encodeCheckpoint({ offset: 1 }),
    encodeCheckpoint(checkpoint),
    encodePrepared(prepared),
  );
  expect(state).toEqual({ header, staged: [staged], checkpoint, prepared });
});

test('nothing was begun in an empty file, in one of another kind, and by a later version', async () => {
  expect(await read()).toBeUndefined();
  expect(await read('somebody else’s file\n')).toBeUndefined();
  expect(await read(encodeStaged(staged), encodePrepared(prepared))).toBeUndefined();
});

test('a line cut at any byte says nothing, and those before it stand', async () => {
  const line = encodePrepared(prepared);
  for (let cut = 1; cut < line.length - 1; cut += 7) {
    const state = await read(encodeRun(header), encodeStaged(staged), line.subarray(0, cut), '\n', encodeCheckpoint(1));
    expect(state).toEqual({ header, staged: [staged], checkpoint: 1, prepared: undefined });
  }
});

test('a run that begins leaves nothing of the one before but what it takes over', async () => {
  const next = { ...header, run: 'the-next', journal: null, ledger: null, identity: null };
  expect(await read(encodeRun(header), encodeStaged(staged), encodePrepared(prepared), encodeRun(next))).toEqual({
    header: next,
    staged: [],
    checkpoint: undefined,
    prepared: undefined,
  });
  const takenOver = { staged: [staged], checkpoint: { offset: 7 } };
  expect(await read(encodeRun(header), encodeRun(next, takenOver))).toEqual({ header: next, ...takenOver, prepared: undefined });
});
