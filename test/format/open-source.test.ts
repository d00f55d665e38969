import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { openFileSource, openSource, openStreamSource } from '#src/format/open-source.js';
import { drain } from './drain.js';

const folder = mkdtempSync(join(tmpdir(), 'scoreline-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BYTES = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const pieces = (stride: number) =>
  Array.from({ length: Math.ceil(BYTES.length / stride) }, (_, at) => BYTES.subarray(at * stride, (at + 1) * stride));

describe('a file', () => {
  test.each([1, 7, 100, 1000, 5000])('in reads of %i bytes', async (size) => {
    const source = await openFileSource(fileOf('plain', BYTES));
    expect(source).toMatchObject({ size: 1000, isPipe: false, position: 0 });
    expect(Buffer.from(await source.peek(10))).toEqual(BYTES.subarray(0, 10));
    expect(Buffer.from(await source.peek(3))).toEqual(BYTES.subarray(0, 3));
    expect(Buffer.from(await source.peek(20))).toEqual(BYTES.subarray(0, 20));
    expect(source.position).toBe(0);
    expect(await drain(source, size)).toEqual(BYTES);
    expect(source.position).toBe(1000);
    expect(source.digest()).toBe(sha256(BYTES));
    await source.close();
  });

  test('a digest may be asked for on the way; looking ahead past the end gives what there is', async () => {
    const source = await openFileSource(fileOf('short', BYTES.subarray(0, 50)));
    expect(await source.peek(100)).toHaveLength(50);
    await source.read(Buffer.alloc(20));
    expect(source.digest()).toBe(sha256(BYTES.subarray(0, 20)));
    expect(await source.read(Buffer.alloc(100))).toBe(30);
    expect(source.digest()).toBe(sha256(BYTES.subarray(0, 50)));
    expect(await source.read(Buffer.alloc(100))).toBe(0);
    await source.close();
  });

  test('is read at any place without moving on; a stream is not', async () => {
    const source = await openFileSource(fileOf('plain', BYTES));
    const into = Buffer.alloc(20);
    expect(await source.readAt?.(into, 990)).toBe(10);
    expect(into.subarray(0, 10)).toEqual(BYTES.subarray(990));
    expect(source.position).toBe(0);
    expect(await drain(source, 300)).toEqual(BYTES);
    expect(source.digest()).toBe(sha256(BYTES));
    await source.close();
    expect(openStreamSource(Readable.from([]), 'stream')).toMatchObject({ readAt: undefined });
  });

  test('an empty one', async () => {
    const source = await openFileSource(fileOf('empty', Buffer.alloc(0)));
    expect(await source.read(Buffer.alloc(10))).toBe(0);
    await source.close();
  });

  test('that grows while it is read is refused at its end', async () => {
    const path = fileOf('growing', BYTES);
    const source = await openFileSource(path);
    await source.read(Buffer.alloc(500));
    appendFileSync(path, 'more');
    await expect(drain(source, 400)).rejects.toMatchObject({ code: 'input-changed', status: 65 });
    await source.close();
  });

  test('that is not there, a folder, or may not be read', async () => {
    await expect(openFileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'input-missing', status: 66 });
    await expect(openFileSource(join(fileOf('plain', BYTES), 'x'))).rejects.toMatchObject({ code: 'input-missing', status: 66 });
    await expect(openFileSource(folder)).rejects.toMatchObject({ code: 'input-is-directory', status: 65 });
    const locked = fileOf('locked', BYTES);
    chmodSync(locked, 0);
    const readable = await open(locked).then((handle) => handle.close().then(() => true), () => false); // prettier-ignore
    // The superuser may read everything.
    if (readable) expect(process.getuid?.()).toBe(0);
    else await expect(openFileSource(locked)).rejects.toMatchObject({ code: 'input-permission', status: 77 });
  });

  test('a FIFO is a pipe without a size', async () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    const [source] = await Promise.all([openFileSource(path), open(path, 'w').then((handle) => handle.write(BYTES).then(() => handle.close()))]);
    expect(source).toMatchObject({ size: undefined, isPipe: true });
    expect(await drain(source, 64)).toEqual(BYTES);
    await source.close();
  });

  test('a FIFO is read ahead to a bound, nothing of it is lost, and what is there is told from the end', async () => {
    const path = join(folder, 'long-fifo');
    const bytes = Buffer.concat(Array.from({ length: 5000 }, () => BYTES));
    execFileSync('mkfifo', [path]);
    const source = await openFileSource(path);
    const writer = await open(path, 'w');
    expect(await source.arrival(1)).toBe(false);
    const writing = (async () => {
      for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536));
      await writer.close();
    })();
    expect(await source.arrival(Infinity)).toBe(true);
    const ahead = new Promise((resolve) => setTimeout(resolve, 100));
    expect(await Promise.race([writing.then(() => 'all written'), ahead])).toBe(undefined);
    expect((await drain(source, 300_000)).equals(bytes)).toBe(true);
    expect(source.digest()).toBe(sha256(bytes));
    expect(await source.arrival(1)).toBe(true);
    expect(await source.readSome(Buffer.alloc(10))).toBe(undefined);
    await Promise.all([writing, source.close()]);
  });

  test('closing a FIFO lets go of a read that waits for its writer', async () => {
    const path = join(folder, 'silent-fifo');
    execFileSync('mkfifo', [path]);
    const source = await openFileSource(path);
    const reading = source.read(Buffer.alloc(10));
    await source.close();
    await expect(reading).rejects.toMatchObject({ code: 'read-failed', status: 74 });
  });
});

describe('a stream', () => {
  test.each([1, 2, 3, 7, 1000])('in pieces of %i bytes', async (stride) => {
    const source = openStreamSource(Readable.from(pieces(stride), { objectMode: false }), 'stdin');
    expect(source).toMatchObject({ name: 'stdin', size: undefined, isPipe: true });
    expect(Buffer.from(await source.peek(5))).toEqual(BYTES.subarray(0, 5));
    expect(await drain(source, 64)).toEqual(BYTES);
    expect(source.digest()).toBe(sha256(BYTES));
    await source.close();
  });

  test('of strings is taken as UTF-8', async () => {
    const source = openStreamSource(Readable.from(['aé', '𝒳\n']), 'stream');
    expect((await drain(source, 4)).toString()).toBe('aé𝒳\n');
  });

  test('of objects is a mistake of the caller', async () => {
    const source = openStreamSource(Readable.from([{ a: 1 }]), 'stream');
    await expect(source.peek(1)).rejects.toMatchObject({
      code: 'stream-of-objects',
      status: 64,
      message: 'found a stream of objects, expected a stream of bytes',
    });
  });

  test('that fails or is cut off fails the read', async () => {
    const failing = new PassThrough();
    const source = openStreamSource(failing, 'stream');
    failing.write('a');
    setImmediate(() => failing.destroy(new Error('gone')));
    await expect(source.read(Buffer.alloc(10))).rejects.toMatchObject({ code: 'read-failed', status: 74, message: 'reading stream failed: gone' });
    const cut = new PassThrough();
    setImmediate(() => cut.destroy());
    await expect(openStreamSource(cut, 'stream').read(Buffer.alloc(10))).rejects.toMatchObject({ code: 'read-failed', status: 74 });
  });

  test('that was used before is refused', async () => {
    const used = Readable.from(['a']);
    used.destroy();
    await expect(openSource(used)).rejects.toMatchObject({ code: 'stream-used', status: 64 });
  });

  test('is not read faster than it is asked for, and closing it while a read waits lets go of it', async () => {
    let pulled = 0;
    const endless = new Readable({
      highWaterMark: 1000,
      read() {
        pulled++;
        this.push(BYTES);
      },
    });
    const source = openStreamSource(endless, 'stream');
    await source.read(Buffer.alloc(2000));
    expect(pulled).toBeLessThan(6);
    await source.close();
    expect(endless.destroyed).toBe(true);

    const silent = new PassThrough();
    const waiting = openStreamSource(silent, 'stream');
    const read = waiting.read(Buffer.alloc(1));
    await waiting.close();
    await expect(read).rejects.toMatchObject({ code: 'read-failed' });
  });
});
