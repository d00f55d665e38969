import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endlessModel, PATIENCE } from '../job/models.js';
import { childrenOf, scorerOf, stateOf, ticksOf, until } from '../job/processes.js';
import { COMMAND, fixture, scoreline, tempFolder } from '../support/command.js';

const SINGLE = ['score', '-m', fixture('types', 'single.onnx'), '--deadline', '1m'];
const rows = (count: number): string => `id,x\n${Array.from({ length: count }, (_, row) => `${row},${row / 8}\n`).join('')}`;

interface Scene {
  readonly folder: string;
  readonly output: string;
  readonly journal: string;
  readonly args: readonly string[];
}

/** A model that never comes back from the rows of its input. */
function endless(): Scene {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('m.onnx'), endlessModel());
  writeFileSync(at('in.csv'), 'X\n1\n2\n');
  const output = at('out.csv');
  return { folder, output, journal: `${output}.journal.jsonl`, args: ['score', '-m', at('m.onnx'), at('in.csv'), '-o', output, '--workers', '1'] };
}

const lines = (journal: string): Record<string, unknown>[] => existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>) : []; // prettier-ignore
const has = (journal: string, kind: string): boolean => lines(journal).some((line) => line['kind'] === kind);
const tempsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));

/** Waits until the scoring process of a supervisor is in the loop: its run has begun, and it takes processor time. */
async function stuck(parent: number, journal: string): Promise<number> {
  const scorer = await scorerOf(parent);
  await until(() => has(journal, 'START'));
  const before = ticksOf(scorer);
  await until(() => ticksOf(scorer) > before + 10);
  return scorer;
}

/** These hold times of half a second, which a busy machine may miss now and then, but not three times. */
const RETRIED = { retry: 2 };

describe('a deadline', RETRIED, () => {
  test('of 2 s ends a model that never comes back within 2.5 s of the start of the command: 124, one message, FAIL, nothing left', async () => {
    const { folder, output, journal, args } = endless();
    writeFileSync(output, 'old\n');
    let scorer = 0;
    const begun = performance.now();
    const run = await scoreline([...args, '--deadline', '2s'], { during: (child) => void scorerOf(child.pid!).then((pid) => (scorer = pid)) });
    const seconds = (performance.now() - begun) / 1e3;
    expect(run).toMatchObject({ status: 124, signal: null });
    expect(run.stderr.split('\n').filter((line) => line.startsWith('scoreline: '))).toHaveLength(1);
    expect(run.stderr).toContain('code:  deadline (exit status 124)');
    expect(seconds).toBeGreaterThan(1.9);
    expect(seconds).toBeLessThan(2.5);
    expect([scorer > 0, stateOf(scorer)]).toEqual([true, undefined]);
    expect(lines(journal).map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
    expect(lines(journal)[1]).toMatchObject({ error: { code: 'deadline', status: 124 } });
    expect([readFileSync(output, 'utf8'), tempsIn(folder)]).toEqual(['old\n', []]);
  });

  test('is kept also by the environment, and a run that is in time does not know of it', async () => {
    const { output, args } = endless();
    const { status } = await scoreline([...args, '--no-journal'], { env: { SCORELINE_DEADLINE: '500ms' } });
    expect([status, existsSync(output)]).toEqual([124, false]);
    writeFileSync(args[3]!, `X\n${PATIENCE}\n`);
    expect(await scoreline([...args, '--no-journal'], { env: { SCORELINE_DEADLINE: '30s' } })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(output, 'utf8')).toBe(`prediction\n${PATIENCE}\n`);
  });
});

describe('a signal to the supervisor', RETRIED, () => {
  test.each([
    ['SIGINT', 'interrupted'],
    ['SIGTERM', 'terminated'],
    ['SIGHUP', 'hung-up'],
  ] as const)('%s ends it by that signal within half a second while the model never comes back, with FAIL and nothing left', async (signal, code) => {
    const { folder, output, journal, args } = endless();
    let [scorer, sentMs] = [0, 0];
    const run = await scoreline([...args, '--deadline', '1m'], {
      during: (child) =>
        void stuck(child.pid!, journal).then((pid) => {
          [scorer, sentMs] = [pid, performance.now()];
          child.kill(signal);
        }),
    });
    const ms = performance.now() - sentMs;
    expect(run).toMatchObject({ status: null, signal });
    expect(ms).toBeLessThan(500);
    expect(stateOf(scorer)).toBeUndefined();
    expect(lines(journal).at(-1)).toMatchObject({ kind: 'FAIL', error: { code } });
    expect([existsSync(output), tempsIn(folder)]).toEqual([false, []]);
  });

  test('to the whole group, as a terminal and `timeout` send it, ends the run once and in order', async () => {
    const { journal, args } = endless();
    const child = spawn(process.execPath, [COMMAND, ...args, '--deadline', '1m'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, by) => resolve(by)));
    await stuck(child.pid!, journal);
    process.kill(-child.pid!, 'SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(lines(journal).map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
    expect(lines(journal)[1]).toMatchObject({ error: { code: 'interrupted' } });
    expect(stderr.match(/scoreline: error:/g)).toHaveLength(1);
  });

  test('SIGSTOP and SIGCONT of both change nothing', async () => {
    const folder = tempFolder();
    const output = join(folder, 'out.csv');
    const run = await scoreline([...SINGLE, '-o', output], {
      during: (child) =>
        void scorerOf(child.pid!).then(async (scorer) => {
          for (const pid of [child.pid!, scorer]) process.kill(pid, 'SIGSTOP');
          await until(() => stateOf(scorer) === 'T' && stateOf(child.pid!) === 'T');
          for (const pid of [scorer, child.pid!]) process.kill(pid, 'SIGCONT');
          child.stdin!.end(rows(1000));
        }),
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(1002);
  });
});

describe('a supervisor that is killed', RETRIED, () => {
  test.each(['SIGKILL', 'SIGSEGV'] as const)('by %s takes the scoring process with it, within 2 s, also out of native code', async (signal) => {
    const { output, journal, args } = endless();
    let [scorer, sentMs] = [0, 0];
    await scoreline([...args, '--deadline', '1m'], {
      during: (child) =>
        void stuck(child.pid!, journal).then((pid) => {
          [scorer, sentMs] = [pid, performance.now()];
          child.kill(signal);
        }),
    });
    await until(() => stateOf(scorer) === undefined, 2000);
    expect(performance.now() - sentMs).toBeLessThan(2000);
    expect(lines(journal).map(({ kind }) => kind)).toEqual(['START']); // as a killed run leaves it
    writeFileSync(args[3]!, `X\n${PATIENCE}\n`);
    expect(await scoreline([...args, '--deadline', '1m'])).toMatchObject({ status: 0 });
    expect(readFileSync(output, 'utf8')).toBe(`prediction\n${PATIENCE}\n`);
  });
});

describe('a scoring process that crashes', () => {
  test('is a failure of the command, 69, that names the signal once', async () => {
    const { journal, args } = endless();
    const run = await scoreline([...args, '--deadline', '1m'], {
      during: (child) => void stuck(child.pid!, journal).then((pid) => process.kill(pid, 'SIGSEGV')),
    });
    expect(run).toMatchObject({ status: 69, signal: null });
    expect(run.stderr.match(/SIGSEGV/g)).toHaveLength(1);
    expect(run.stderr).toContain('code:  runtime-crashed (exit status 69)');
    expect(lines(journal).map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
  });
});

describe('stdin, stdout and descriptors go through', () => {
  test('from pipe to pipe, to the byte as without a supervisor', async () => {
    const table = rows(200_000);
    const plain = await scoreline(SINGLE.slice(0, 3), { stdin: table });
    const supervised = await scoreline([...SINGLE, '--max-memory', '4GB'], { stdin: table });
    expect(supervised).toMatchObject({ status: 0, stderr: '' });
    expect(supervised.stdout.equals(plain.stdout)).toBe(true);
  });

  test('a reader that goes away is 141, and silence', async () => {
    const input = join(tempFolder(), 'big.csv');
    writeFileSync(input, rows(400_000));
    const run = await scoreline([...SINGLE, input], { during: (child) => child.stdout?.once('data', () => child.stdout?.destroy()) });
    expect(run).toMatchObject({ status: 141, stderr: '' });
  });

  test('the statuses of a pipeline: the producer, scoreline and `head` each have their own', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'in.csv'), rows(400_000));
    const script = `cat in.csv | "$0" "$1" "\${@:2}" | head -n 2; echo "\${PIPESTATUS[*]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, COMMAND, ...SINGLE], { cwd: folder, encoding: 'utf8' });
    expect(stdout.split('\n').slice(0, 2)).toEqual(['id,prediction', '0,1']);
    expect(stdout.split('\n')[2]).toMatch(/^(0|141) 141 0$/);
    expect(stderr).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('a full disk behind stdout is 74', () => {
    const script = `"$0" "$1" "\${@:2}" > /dev/full`;
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, COMMAND, ...SINGLE], { input: rows(3), encoding: 'utf8' });
    expect([status, stderr.match(/scoreline: error:/g)?.length]).toEqual([74, 1]);
  });

  test('descriptors that a shell names: <(...) and >(...)', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'in.csv'), rows(1000));
    const script = `"$0" "$1" "\${@:2}" <(cat in.csv) -o /dev/fd/7 7> out.csv`;
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, COMMAND, ...SINGLE], { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'out.csv'), 'utf8').split('\n')).toHaveLength(1002);
  });

  test('errors and advice are told once, as without a supervisor', async () => {
    const input = join(tempFolder(), 'in.csv');
    writeFileSync(input, 'id,y\n1,2\n');
    const plain = await scoreline([...SINGLE.slice(0, 3), input, '-v']);
    const supervised = await scoreline([...SINGLE, input, '-v']);
    expect(supervised).toEqual(plain);
    expect(plain.status).toBe(65);
  });

  test('progress and the summary of -v come once', async () => {
    const folder = tempFolder();
    const [input, output] = [join(folder, 'in.csv'), join(folder, 'out.csv')];
    writeFileSync(input, rows(100_000));
    const { status, stderr } = await scoreline([...SINGLE, input, '-o', output, '-v', '--progress', 'always']);
    expect(status).toBe(0);
    expect(stderr.match(/scored 100,000 rows/g)).toHaveLength(1);
    expect(stderr).toMatch(/rows\/s/);
  });
});

test('the supervisor is small: it maps no runtime, and the scoring process yields nothing on its own', async () => {
  const run = await scoreline(SINGLE, {
    during: (child) =>
      void scorerOf(child.pid!).then(async (scorer) => {
        const maps = (pid: number): string => readFileSync(`/proc/${pid}/maps`, 'utf8');
        await until(() => maps(scorer).includes('onnxruntime'));
        const threads = readdirSync(`/proc/${child.pid!}/task`).length;
        const facts = {
          runtime: maps(child.pid!).includes('onnxruntime'),
          children: childrenOf(child.pid!).length,
          exe: readlinkSync(`/proc/${scorer}/exe`) === process.execPath,
          few: threads <= 12,
        };
        child.stdin!.end(facts.runtime || facts.children !== 1 || !facts.exe || !facts.few ? 'broken' : rows(3)); // prettier-ignore
      }),
  });
  expect(run).toMatchObject({ status: 0, stderr: '' });
});
