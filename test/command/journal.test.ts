import { spawn } from 'node:child_process';
import { appendFileSync, createWriteStream, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeEntry, GENESIS } from '#src/journal/entry.js';
import { encodeHead } from '#src/journal/head.js';
import { COMMIT, sampleRun, START } from '../journal/samples.js';
import { COMMAND, fixture, scoreline, tempFolder, type Ended } from '../support/command.js';
import { LONG } from '../support/long.js';

const MODEL = fixture('types', 'single.onnx');
let folder: string;
let journal: string;
beforeEach(() => {
  folder = tempFolder();
  journal = join(folder, 'scores.csv.journal.jsonl');
  writeFileSync(join(folder, 'good.csv'), 'id,x\na,1\nb,2\n');
  writeFileSync(join(folder, 'bad.csv'), 'id,x\na,one\nb,2\n');
});

const run = (...args: string[]): Promise<Ended> => scoreline(args, { cwd: folder });
const score = (input: string, ...more: string[]): Promise<Ended> => run('score', '-m', MODEL, input, '-o', 'scores.csv', ...more);
const show = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await run('journal', 'show', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout.toString();
};
const runsOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('journal show', () => {
  test('is a table of runs, one a line, with what was read, why it failed and where it went', async () => {
    await score('good.csv', '--tag', 'team=risk');
    await score('bad.csv');
    const [head, first, second, ...rest] = (await show(journal)).split('\n');
    expect(head).toMatch(/^started +run +status +in +scored +rejected +seconds +model +input +output +why$/);
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[0-9a-f]{12} +committed +2 +2 +0 +\d+\.\d\d +single\.onnx +good\.csv +scores\.csv$/);
    expect(second).toMatch(/ failed +2 +1 +1 +\d+\.\d\d +single\.onnx +bad\.csv +scores\.csv +too-many-rejects \(65\)$/);
    expect(rest).toEqual(['']);
    expect((await show(journal, '--utc')).split('\n')[1]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ /);
  });

  test('leaves out what was not asked for', async () => {
    await score('good.csv', '--tag', 'team=risk', '--tag', 'stage=live');
    await score('bad.csv', '--tag', 'team=fraud');
    const inputs = async (...filter: string[]) => runsOf(await show(journal, '--json', ...filter)).map(({ input }) => input);
    const { sha256 } = (runsOf(await show(journal, '--json'))[0]?.['start'] as { model: { sha256: string } }).model;
    expect(await inputs('--status', 'failed,aborted')).toEqual(['bad.csv']);
    expect(await inputs('--tag', 'team=risk', '--tag', 'stage=live')).toEqual(['good.csv']);
    expect(await inputs('--tag', 'team=risk', '--tag', 'stage=test')).toEqual([]);
    expect(await inputs('-m', 'single.onnx', '--since', '1h')).toEqual(['good.csv', 'bad.csv']);
    expect(await inputs('-m', sha256.slice(0, 8))).toEqual(['good.csv', 'bad.csv']);
    expect(await inputs('-m', 'ingle.onnx')).toEqual([]);
    expect(await inputs('--until', 'yesterday')).toEqual([]);
    expect(await inputs('--job', 'nightly')).toEqual([]);
    const { status, stdout } = await scoreline(['journal', 'show', journal], { env: { SCORELINE_MODEL: 'other.onnx' } });
    expect([status, stdout.toString().split('\n').length]).toEqual([0, 4]);
  });

  test('shows one run whole, by the end or the beginning of its id', async () => {
    await score('bad.csv', '--tag', 'team=risk');
    await score('good.csv');
    const [first] = runsOf(await show(journal, '--json'));
    const id = String(first?.['run']);
    const text = await show(journal, '--run', id.slice(-12));
    for (const part of [id, 'failed', 'too-many-rejects, exit status 65', 'team=risk', '2 in = 1 scored + 1 rejected', 'not-a-number in x: 1', 'column read'])
      expect(text).toContain(part);
    expect(text).not.toContain('good.csv');
    expect(await show(journal, '--run', id)).toBe(text);
  });

  test('gives programs each run as one object, its lines as the journal has them', async () => {
    await score('good.csv');
    const [found, ...others] = runsOf(await show(journal, '--json'));
    const [start, , commit] = runsOf(readFileSync(journal, 'utf8'));
    expect(others).toEqual([]);
    const { run, at, rows, output, labels } = commit as Record<string, unknown>;
    expect(found).toMatchObject({ run, status: 'committed', started: start?.['at'], ended: at, exit: 0, code: null, rows, published: output, journal });
    expect(labels).toBeUndefined();
    const { kind, prev, digest, v, run: started, ...record } = start as Record<string, unknown>;
    expect([kind, typeof prev, typeof digest, v, started]).toEqual(['START', 'string', 'string', 1, run]);
    expect(found?.['start']).toEqual(record);
    expect(Object.keys(found ?? {})).toEqual([
      ...['run', 'status', 'started', 'ended', 'seconds', 'exit', 'code', 'model', 'input', 'output', 'rows', 'published', 'rejects', 'job', 'labels'],
      ...['resumes', 'journal', 'checkpoints', 'start', 'prepare', 'end'],
    ]);
  });

  test('reads several files as one journal, compressed or not, a folder, and stdin', async () => {
    await score('good.csv');
    renameSync(journal, `${journal}.1`);
    writeFileSync(`${journal}.2.gz`, gzipSync(readFileSync(`${journal}.1`)));
    rmSync(`${journal}.1`);
    await score('bad.csv');
    const inputs = (text: string) => runsOf(text).map(({ input }) => input);
    expect(inputs(await show(`${journal}.2.gz`, journal, '--json'))).toEqual(['good.csv', 'bad.csv']);
    expect(inputs(await show('--rotated', '--json'))).toEqual(['good.csv', 'bad.csv']);
    expect(inputs(await show(folder, '--json'))).toEqual(['bad.csv']);
    const piped = await scoreline(['journal', 'show', '-', '--json'], { stdin: readFileSync(`${journal}.2.gz`) });
    expect([piped.status, inputs(piped.stdout.toString())]).toEqual([0, ['good.csv']]);
  });

  test('passes over what a crash left, and says so; a changed line ends it with 65 after the others are shown', async () => {
    await score('good.csv');
    appendFileSync(journal, '{"v":1,"seq":4,"kind":"ST');
    const torn = await run('journal', 'show', journal, '-v');
    expect([torn.status, torn.stdout.toString().split('\n').length]).toEqual([0, 3]);
    expect(torn.stderr).toContain(`1 line half-written and passed over, first line 4 of '${journal}'`);
    await score('bad.csv');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"scored":2', '"scored":3'));
    const damaged = await run('journal', 'show', journal);
    expect(damaged.status).toBe(65);
    expect(damaged.stdout.toString()).toMatch(/bad\.csv[^]*open/); // the run whose COMMIT was changed has no end that can be believed
    expect(damaged.stderr).toContain('journal-damaged');
  });

  test('follows the journal, on through a rotation, until it is told to stop', async () => {
    await score('good.csv');
    const child = spawn(process.execPath, [COMMAND, 'journal', 'show', '-f', '--json', journal], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    const seen = async (count: number) => {
      while (text.split('\n').length <= count) await once(child.stdout, 'data');
    };
    await seen(1);
    await score('bad.csv');
    await seen(2);
    renameSync(journal, `${journal}.1`);
    await score('good.csv');
    await seen(3);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
    expect(runsOf(text).map(({ status }) => status)).toEqual(['committed', 'failed', 'committed']);
  });

  test.runIf(LONG)('a journal of very many runs passes through little memory', async () => {
    const RUNS = 20_000;
    const file = createWriteStream(journal);
    let link = GENESIS;
    for (let n = 1; n <= RUNS; n++) {
      for (const [kind, record] of [['START', START], ['COMMIT', COMMIT]] as const) {
        const encoded = encodeEntry({ kind, run: sampleRun(n), record } as never, '2025-10-09T08:53:20.000Z', link);
        link = encoded.link;
        if (!file.write(encoded.line)) await once(file, 'drain');
      }
    }
    file.end();
    await once(file, 'finish');
    writeFileSync(`${journal}.head`, encodeHead({ ...link, open: [] }));
    // less than the file has
    const env = { NODE_OPTIONS: '--max-old-space-size=24' };
    const shown = await scoreline(['journal', 'show', journal], { env });
    expect([shown.status, shown.stderr, shown.stdout.toString().split('\n').length]).toEqual([0, '', RUNS + 2]);
    const verified = await scoreline(['journal', 'verify', journal], { env });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    expect(verified.stdout.toString()).toContain(`${(2 * RUNS).toLocaleString('en-US')} lines, ${RUNS.toLocaleString('en-US')} runs`);
  }, 120_000);
}); // prettier-ignore

describe('journal verify', () => {
  const verify = (...args: string[]) => run('journal', 'verify', ...args);

  test('proves the chain and what was published; 0 and silence under -q', async () => {
    await score('good.csv');
    await score('good.csv', '--rejects', 'r.csv');
    const { status, stdout, stderr } = await verify(journal);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.toString()).toBe(`${journal}: whole\n  6 lines, 2 runs, the head names the last line\n  1 published file: 1 as published\n`);
    expect(await verify('-q', journal)).toMatchObject({ status: 0, stdout: Buffer.alloc(0), stderr: '' });
  });

  test('says which published file has another content, and which is gone', async () => {
    await score('good.csv');
    await run('score', '-m', MODEL, 'good.csv', '-o', 'other.csv', '--journal', journal);
    appendFileSync(join(folder, 'scores.csv'), 'x,1\n');
    rmSync(join(folder, 'other.csv'));
    const { status, stdout } = await verify('--json', journal);
    expect(status).toBe(65);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      ok: false,
      entries: 6,
      head: 'current',
      problems: [],
      published: {
        same: 0,
        others: [
          { path: 'scores.csv', role: 'output', state: 'changed', found: { bytes: 26 } },
          { path: 'other.csv', state: 'gone', found: null },
        ],
      },
    });
    expect((await verify(journal)).stdout.toString()).toMatch(/NOT WHOLE[^]*changed: .*scores\.csv: not the output that run/);
    expect((await verify('--skip-outputs', journal)).status).toBe(0);
    rmSync(join(folder, 'scores.csv'));
    expect((await verify(journal)).status).toBe(0); // gone is no fault
  });

  test('takes the empty journal of another output, without a head, for no rotated file of the only one that has one', async () => {
    await score('good.csv');
    writeFileSync(join(folder, 'other.csv.journal.jsonl'), ''); // as a full disk leaves it
    const { status, stdout } = await verify(folder);
    expect(status).toBe(0);
    expect(stdout.toString()).not.toContain('rotated');
    expect(stdout.toString()).toMatch(/other\.csv\.journal\.jsonl: whole\n {2}0 lines, 0 runs/);
  });

  test('finds a changed line, a cut tail and a lost file of a rotated journal, whatever order the files come in', async () => {
    for (const n of [2, 1]) {
      await score('good.csv');
      renameSync(journal, `${journal}.${n}`);
    }
    await score('good.csv');
    const names = ['', '.1', '.2'].map((suffix) => `${journal}${suffix}`);
    for (const files of [
      names,
      [...names].reverse(),
      [journal, '--rotated'],
      [`${journal}.1`, `${journal}.2`, `${journal}.head`, `${journal}.lock`, journal],
    ])
      expect((await verify('-q', ...files)).status, files.join(' ')).toBe(0);
    const alone = await verify(journal);
    expect([alone.status, alone.stdout.toString()]).toEqual([0, expect.stringContaining('goes on from an earlier file')]);
    const gap = await verify(`${journal}.2`, journal);
    expect([gap.status, gap.stdout.toString()]).toEqual([65, expect.stringContaining('[chain-broken]')]);
    const whole = readFileSync(journal, 'utf8');
    writeFileSync(journal, whole.replace('"scored":2', '"scored":1'));
    const changed = await verify(...names);
    expect([changed.status, changed.stdout.toString()]).toEqual([65, expect.stringContaining('[damaged-line]')]);
    writeFileSync(journal, `${whole.split('\n')[0] ?? ''}\n`);
    expect((await verify(...names)).stdout.toString()).toContain('[head-mismatch]');
  });

  test('takes each journal of a folder by itself', async () => {
    await score('good.csv');
    await run('score', '-m', MODEL, 'good.csv', '-o', 'other.csv');
    const { status, stdout } = await verify('--json');
    expect(status).toBe(0);
    expect(runsOf(stdout.toString()).map(({ journal: name, ok }) => [name, ok])).toEqual([['other.csv.journal.jsonl', true], ['scores.csv.journal.jsonl', true]]); // prettier-ignore
    mkdirSync(join(folder, 'empty'));
    expect(await verify('empty')).toMatchObject({ status: 66, stderr: expect.stringContaining('journal-missing') });
  });

  test('tells of what a crash left, and holds it against nobody', async () => {
    await score('good.csv');
    appendFileSync(journal, '{"v":1,"seq":3,"kind":"ST');
    const { status, stdout } = await verify(journal);
    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining(`torn: line 4 of ${journal}, 25 bytes`)]);
  });
});
