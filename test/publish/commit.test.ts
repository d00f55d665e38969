import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { publish } from '#src/publish/commit.js';
import { openOutput } from '#src/publish/open.js';
import { openStage, type Stage } from '#src/publish/stage.js';
import { expectNames, failureOf, openFolder } from './folder.js';

/** A folder with the files of an earlier run, and stages for the next. */
async function nextRun(): Promise<{ folder: string; output: Stage; rejects: Stage; text: (name: string) => string }> {
  const folder = openFolder();
  writeFileSync(join(folder, 'out.csv'), 'old');
  writeFileSync(join(folder, 'rejects.csv'), 'old rejects');
  const output = await openStage(join(folder, 'out.csv'));
  const rejects = await openStage(join(folder, 'rejects.csv'), { mode: 0o600 });
  await output.write(Buffer.from('new'));
  await rejects.write(Buffer.from('new rejects'));
  return { folder, output, rejects, text: (name) => readFileSync(join(folder, name), 'utf8') };
}

test('both files of a run replace both of the one before', async () => {
  const { folder, output, rejects, text } = await nextRun();
  await publish({ output, rejects });
  expect([text('out.csv'), text('rejects.csv')]).toEqual(['new', 'new rejects']);
  expectNames(folder, 'out.csv', 'rejects.csv');
});

test('at the last moment to stop all is finished and nothing visible', async () => {
  const { output, rejects, text } = await nextRun();
  let seen: string[] = [];
  await publish({ output, rejects, sealed: () => void (seen = [text('out.csv'), text('rejects.csv'), readFileSync(output.staged, 'utf8')]) });
  expect(seen).toEqual(['old', 'old rejects', 'new']);
});

test('a run that is stopped at the last moment leaves everything as it was', async () => {
  const { folder, output, rejects, text } = await nextRun();
  const sealed = (): never => {
    throw new Error('stopped');
  };
  await expect(publish({ output, rejects, sealed })).rejects.toThrow('stopped');
  expect([text('out.csv'), text('rejects.csv')]).toEqual(['old', 'old rejects']);
  expectNames(folder, 'out.csv', 'rejects.csv');
});

test('rejects are settled before predictions appear', async () => {
  const folder = openFolder();
  const output = await openStage(join(folder, 'out.csv'));
  const rejects = await openStage(join(folder, 'rejects.csv'));
  const failure = await failureOf(publish({ output, rejects, sealed: () => mkdirSync(join(folder, 'out.csv')) }));
  expect(failure).toMatchObject({ code: 'output-is-directory', status: 73 });
  rmdirSync(join(folder, 'out.csv'));
  expectNames(folder, 'rejects.csv');
});

test('a clean run removes the rejects of an earlier one', async () => {
  const { folder, output, rejects } = await nextRun();
  await rejects.abort();
  await publish({ output, staleRejects: join(folder, 'rejects.csv') });
  expectNames(folder, 'out.csv');
});

test('no stale rejects, or none possible, is fine', async () => {
  for (const name of ['none.csv', 'no-folder/none.csv']) {
    const { folder, output, rejects, text } = await nextRun();
    await rejects.abort();
    await publish({ output, staleRejects: join(folder, name) });
    expect(text('out.csv')).toBe('new');
  }
});

test('a folder in the place of stale rejects stops the run while nothing has changed', async () => {
  const { folder, output, rejects, text } = await nextRun();
  await rejects.abort();
  mkdirSync(join(folder, 'stale'));
  expect(await failureOf(publish({ output, staleRejects: join(folder, 'stale') }))).toMatchObject({ code: 'output-is-directory' });
  expect(text('out.csv')).toBe('old');
  expectNames(folder, 'out.csv', 'rejects.csv', 'stale');
});

test('rejects alone are published where predictions are withheld', async () => {
  const { folder, output, rejects, text } = await nextRun();
  await output.abort();
  await publish({ rejects });
  expect([text('out.csv'), text('rejects.csv')]).toEqual(['old', 'new rejects']);
  expectNames(folder, 'out.csv', 'rejects.csv');
});

test('a stream that fails at its end keeps the rejects from being published', async () => {
  const { folder, output, rejects, text } = await nextRun();
  await output.abort();
  const stream = new PassThrough({ final: (done) => done(new Error('far end failed')) });
  const sink = await openOutput(stream);
  expect(await failureOf(publish({ output: sink, rejects }))).toMatchObject({ code: 'write-failed', status: 74 });
  expect(text('rejects.csv')).toBe('old rejects');
  expectNames(folder, 'out.csv', 'rejects.csv');
});
