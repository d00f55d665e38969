import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { publish } from '#src/publish/commit.js';
import { isSpecialOutput, openOutput } from '#src/publish/open.js';
import { expectNames, failureOf, openFolder } from './folder.js';
import { runShell } from './run-child.js';

describe('a FIFO', () => {
  const fifo = (): string => {
    const path = join(openFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  };

  test('is written straight through, and ended', async () => {
    const path = fifo();
    const opening = openOutput(path);
    const reader = spawn('sh', ['-c', `cat '${path}' | sha256sum`]);
    const output = await opening;
    for (let i = 0; i < 40; i++) await output.write(Buffer.alloc(100_000, i));
    await publish({ output });
    const [answer] = (await once(reader.stdout, 'data')) as [Buffer];
    expect(answer.toString().slice(0, 64)).toBe(output.digest());
    expect(output.bytes).toBe(4_000_000);
    expect(output.path).toBeUndefined();
    expect(statSync(path).isFIFO()).toBe(true);
  });

  test('whose reader goes away is pipe-closed', async () => {
    const path = fifo();
    const opening = openOutput(path);
    const reader = spawn('sh', ['-c', `head -c 10 '${path}'`]);
    const output = await opening;
    const writing = async (): Promise<void> => {
      for (;;) await output.write(Buffer.alloc(100_000));
    };
    expect(await failureOf(writing())).toMatchObject({ code: 'pipe-closed', status: 141 });
    await output.abort();
    reader.kill();
    expect(statSync(path).isFIFO()).toBe(true);
  });

  test('without a reader is waited for until the signal', async () => {
    const abort = new AbortController();
    const opening = failureOf(openOutput(fifo(), { signal: abort.signal }));
    abort.abort();
    expect(await opening).toMatchObject({ code: 'interrupted', status: 130 });
  });

  test('whose reader reads no more can be given up', async () => {
    const path = fifo();
    const opening = openOutput(path);
    const reader = spawn('sh', ['-c', `exec 3< '${path}'; sleep 60`]);
    const output = await opening;
    const writing = failureOf(output.write(Buffer.alloc(4 << 20)));
    await output.abort();
    expect((await writing).code).toBe('interrupted');
    reader.kill();
  });
});

describe('devices', () => {
  test('/dev/null takes everything', async () => {
    const output = await openOutput('/dev/null');
    await output.write(Buffer.alloc(100_000));
    await publish({ output });
    expect(output.bytes).toBe(100_000);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('/dev/full is full, also through a link', async () => {
    const folder = openFolder();
    symlinkSync('/dev/full', join(folder, 'out.csv'));
    for (const path of ['/dev/full', join(folder, 'out.csv')]) {
      const output = await openOutput(path);
      const failure = await failureOf(output.write(Buffer.from('x')));
      expect(failure).toMatchObject({ code: 'no-space', status: 74 });
      expect(await failureOf(output.write(Buffer.from('x')))).toBe(failure);
      await output.abort();
    }
    expectNames(folder, 'out.csv');
  });
});

describe('stdout', () => {
  test.each(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])('as %s: a pipe gets every byte', async (name) => {
    const { status, stdout } = await runShell(`"$NODE" "$CHILD" ${name} 3000000 | { sleep 0.1; cat; }`, openFolder());
    expect(status).toBe(0);
    expect(stdout.equals(Buffer.alloc(3_000_000, 'new\n'))).toBe(true);
  });

  test.each(['-', '/dev/stdout'])('as %s: a file that the shell opened is written, not replaced', async (name) => {
    const folder = openFolder();
    writeFileSync(join(folder, 'out.csv'), 'first\n');
    const inode = statSync(join(folder, 'out.csv')).ino;
    const { status } = await runShell(`"$NODE" "$CHILD" ${name} 300000 >> out.csv`, folder);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'out.csv')).equals(Buffer.concat([Buffer.from('first\n'), Buffer.alloc(300_000, 'new\n')]))).toBe(true);
    expect(statSync(join(folder, 'out.csv')).ino).toBe(inode);
    expectNames(folder, 'out.csv');
  });

  test('into head is quiet: 141', async () => {
    const { stdout, ending } = await runShell('"$NODE" "$CHILD" - 3000000 | head -c 4', openFolder());
    expect(stdout.toString()).toBe('new\n');
    expect(ending).toMatchObject({ code: 'pipe-closed', status: 141 });
  });

  test('into /dev/full is 74', async () => {
    const { status, ending } = await runShell('"$NODE" "$CHILD" - 3000000 > /dev/full', openFolder());
    expect(status).toBe(74);
    expect(ending?.code).toBe('no-space');
  });

  test('into a file at its size limit is 74, and counts', async () => {
    const folder = openFolder();
    const { status, ending } = await runShell('prlimit --fsize=100001 "$NODE" "$CHILD" - 3000000 > out.csv', folder);
    expect(status).toBe(74);
    expect(ending).toMatchObject({ code: 'output-too-large', details: { bytesWritten: 100_001 } });
  });

  test('as a process substitution reaches its reader', async () => {
    const { stdout } = await runShell('"$NODE" "$CHILD" >(wc -c) 3000000 2>/dev/null; wait $!', openFolder());
    expect(stdout.toString().trim()).toBe('3000000');
  });
});

describe('a stream of the caller', () => {
  test('gets every byte in order, waits for each, and is ended', async () => {
    const pieces: Buffer[] = [];
    let ended = false;
    const stream = new Writable({
      highWaterMark: 10,
      write: (piece: Buffer, _, done) => void setImmediate(() => (pieces.push(Buffer.from(piece)), done())),
      final: (done) => ((ended = true), done()),
    });
    const output = await openOutput(stream);
    const reused = Buffer.alloc(100);
    for (let i = 0; i < 20; i++) await output.write(reused.fill(i));
    await publish({ output });
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(100, i))));
    expect([ended, output.bytes, stream.listenerCount('error')]).toEqual([true, 2000, 0]);
  });

  test('that fails ends the run with its error, once and for all', async () => {
    const stream = new Writable({ write: (_piece, _encoding, done) => done(new Error('far end failed')) });
    const output = await openOutput(stream);
    const failure = await failureOf(output.write(Buffer.from('x')));
    expect(failure).toMatchObject({ code: 'write-failed', status: 74 });
    expect(failure.message).toContain('far end failed');
    expect(await failureOf(output.finish())).toBe(failure);
  });

  test('that was destroyed is pipe-closed', async () => {
    const stream = new Writable({ write: (_piece, _encoding, done) => done() });
    const output = await openOutput(stream);
    stream.destroy();
    expect(await failureOf(output.write(Buffer.from('x')))).toMatchObject({ code: 'pipe-closed' });
  });

  test('is destroyed with the cause when the run gives up, also during a write', async () => {
    const cause = new Error('stopped');
    const stream = new Writable({ write: () => undefined });
    const output = await openOutput(stream);
    const writing = failureOf(output.write(Buffer.from('x')));
    await output.abort(cause);
    expect((await writing).message).toContain('stopped');
    expect(stream.errored).toBe(cause);
  });
});

test('isSpecialOutput tells what is not staged', async () => {
  const folder = openFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(await Promise.all(['-', '/dev/null', '/dev/stdout', process.stdout].map((target) => isSpecialOutput(target)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(await Promise.all([join(folder, 'file'), join(folder, 'new')].map((target) => isSpecialOutput(target)))).toEqual([false, false]);
});
