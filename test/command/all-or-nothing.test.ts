import { spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { childrenOf, openBelow, until } from '../job/processes.js';
import { works } from '../publish/run-child.js';
import { COMMAND, fixture, scoreline, tempFolder } from '../support/command.js';

const MODEL = fixture('types', 'single.onnx');
const SINGLE = ['score', '-m', MODEL];
const canMount = works('unshare -Urm sh -c "mount -t tmpfs none /mnt"');
const rows = (count: number): string => `id,x\n${Array.from({ length: count }, (_, row) => `${row},${row / 8}\n`).join('')}`;

/** Folder and input; the environment says where a spool goes. */
function scene(text: string): { folder: string; input: string; spool: string; env: Record<string, string> } {
  const [folder, spool] = [tempFolder(), tempFolder()];
  const input = join(folder, 'in.csv');
  writeFileSync(input, text);
  return { folder, input, spool, env: { TMPDIR: spool } };
}

describe('--spool-stdout', () => {
  test('gives a pipe nothing of an input that is bad at its end, where much would have gone through without', async () => {
    const { input, spool, env } = scene(`${rows(300_000)}last,no number\n`);
    const plain = await scoreline([...SINGLE, input], { env });
    expect([plain.status, plain.stdout.length > 1_000_000]).toEqual([65, true]);
    const { status, stdout, stderr } = await scoreline([...SINGLE, input, '--spool-stdout'], { env });
    expect([status, stdout.length]).toEqual([65, 0]);
    expect(stderr).toContain('too-many-rejects');
    expect(readdirSync(spool)).toEqual([]);
  });

  test('gives a pipe the whole of a good one, to the byte', async () => {
    const { input, spool, env } = scene(rows(300_000));
    const plain = await scoreline([...SINGLE, input]);
    const { status, stdout, stderr } = await scoreline([...SINGLE, input, '--spool-stdout'], { env });
    expect([status, stderr, stdout.equals(plain.stdout)]).toEqual([0, '', true]);
    expect(stdout.length).toBeGreaterThan(1_000_000);
    expect(readdirSync(spool)).toEqual([]);
  });

  test('a reader that goes away is no error to speak of: 141, and silence', async () => {
    const { input, spool, env } = scene(rows(400_000));
    const during = (child: ChildProcess): void => void child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await scoreline([...SINGLE, input, '--spool-stdout'], { env, during })).toMatchObject({ status: 141, stderr: '' });
    expect(readdirSync(spool)).toEqual([]);
  });

  test.runIf(existsSync('/proc/self/fd')).each([[[]], [['--deadline', '1m']]])('keeps them in a file without a name, so that kill -9 leaves none %j', async (more) => {
    const { spool, env } = scene('');
    const { signal, stdout } = await scoreline([...SINGLE, '--spool-stdout', ...more], {
      env,
      during: (child) => {
        child.stdin?.write(rows(300_000)); // stdin stays open: the run waits for more
        void until(() => [child.pid!, ...childrenOf(child.pid!)].some((pid) => openBelow(spool, pid).some((path) => path.endsWith(' (deleted)')))).finally(() => child.kill('SIGKILL'));
      },
    });
    expect([signal, stdout.length, readdirSync(spool)]).toEqual(['SIGKILL', 0, []]);
  }); // prettier-ignore

  test('--state-dir says where', async () => {
    const { folder, input } = scene(rows(3));
    const { status, stderr } = await scoreline([...SINGLE, input, '--spool-stdout', '--state-dir', folder], { env: { TMPDIR: '/nowhere' } });
    expect([status, stderr]).toEqual([0, '']);
    const nowhere = await scoreline([...SINGLE, input, '--spool-stdout'], { env: { TMPDIR: '/nowhere' } });
    expect([nowhere.status, nowhere.stdout.length]).toEqual([73, 0]);
    expect(nowhere.stderr).toContain('/nowhere');
  });

  test.runIf(canMount)('that is full ends the run, says where, and gives nothing', () => {
    const { input } = scene(rows(300_000));
    const mount = 'mount -t tmpfs -o size=1m none /mnt && TMPDIR=/mnt exec "$@"';
    const command = [process.execPath, COMMAND, ...SINGLE, input, '--spool-stdout'];
    const { status, stdout, stderr } = spawnSync('unshare', ['-Urm', 'sh', '-c', mount, 'sh', ...command], { encoding: 'utf8' });
    expect([status, stdout.length]).toEqual([74, 0]);
    expect(stderr).toMatch(/cannot write 'stdout, kept in \/mnt', after \d+ bytes: no space left/);
    expect(stderr).toContain('no-space (exit status 74)');
  });
});

describe('--expect-sha256', () => {
  const TEXT = rows(10);
  const DIGEST = createHash('sha256').update(TEXT).digest('hex');

  test.each([[[]], [['--no-journal']]])('publishes an input that has the digest %j', async (more) => {
    const { folder, input } = scene(TEXT);
    const output = join(folder, 'out.csv');
    expect(await scoreline([...SINGLE, input, '-o', output, '--expect-sha256', DIGEST, ...more])).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(12);
    const piped = await scoreline([...SINGLE, '--expect-sha256', DIGEST, ...more], { stdin: TEXT });
    expect([piped.status, piped.stdout.equals(readFileSync(output))]).toEqual([0, true]);
  });

  test.each([[[]], [['--no-journal']]])('publishes nothing of one that has another: 65, the old file stands %j', async (more) => {
    // one digit of one value: as many rows, as many bytes
    const { folder, input } = scene(TEXT.replace('9,1.125', '9,1.126'));
    const output = join(folder, 'out.csv');
    writeFileSync(output, 'old\n');
    const { status, stderr } = await scoreline([...SINGLE, input, '-o', output, '--expect-sha256', DIGEST, ...more]);
    expect([status, readFileSync(output, 'utf8')]).toEqual([65, 'old\n']);
    expect(stderr).toContain(DIGEST);
    expect(stderr).toContain(createHash('sha256').update(readFileSync(input)).digest('hex'));
    const left = more.length > 0 ? ['in.csv', 'out.csv'] : ['in.csv', 'out.csv', 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.lock']; // prettier-ignore
    expect(readdirSync(folder).sort()).toEqual(left);
    if (more.length > 0) return;
    const last = JSON.parse(readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n').at(-1) ?? '') as unknown;
    expect(last).toMatchObject({ kind: 'FAIL', error: { status: 65 } });
  });

  test('and --spool-stdout keep a pipe from getting one that has another', async () => {
    const { status, stdout } = await scoreline([...SINGLE, '--spool-stdout', '--expect-sha256', DIGEST], {
      stdin: TEXT.replace('9,1.125', '9,1.126'),
    });
    expect([status, stdout.length]).toEqual([65, 0]);
  });
});
