import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prebuild } from '../../tools/prebuild.mjs';
import { fixture, ROOT, tempFolder } from '../support/command.js';

/** Beside dist/prebuilt, so that all that is outside of it is found. */
let folder: string;
let starter: string;

beforeAll(async () => {
  folder = mkdtempSync(join(ROOT, 'dist', 'prebuild-test-'));
  await prebuild(ROOT, folder);
  starter = join(folder, 'start.cjs');
  writeFileSync(starter, `process.env.ORT_DISABLE_TELEMETRY = '1';\nrequire('./scoreline.js').main(process);\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly stderr: string;
}

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Run => {
  const { status, stderr } = spawnSync(process.execPath, [starter, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
  return { status, stderr };
};

/** What a file that V8 has the code of is called. */
const JOINED = /^(scoreline|worker)-[^/]*\.js$/;

/** Files that the threads of a run loaded, Node's own left out: one list a thread. */
function loadedFiles(coverage: string): string[][] {
  return readdirSync(coverage).map((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:') || JOINED.test(url));
  });
}

const MODEL = fixture('california', 'california-trees.onnx');
const DATA = fixture('california', 'california.csv');
const FEATURES = (
  JSON.parse(readFileSync(fixture('california', 'california-trees.contract.json'), 'utf8')) as { features: string[] }
).features.join();

/** Scores by the joined files of a folder: for each that V8 was given the code of, whether it took it. */
function codeTaken(joined: string, flags: readonly string[] = []): Record<string, boolean> {
  const out = tempFolder();
  const [hook, log] = [join(out, 'hook.cjs'), join(out, 'taken.jsonl')];
  writeFileSync(
    hook,
    `const vm = require('node:vm');
    vm.Script = class extends vm.Script {
      constructor(source, options) {
        super(source, options);
        require('node:fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify([options.filename, !this.cachedDataRejected]) + '\\n');
      }
    };`,
  );
  writeFileSync(log, '');
  const args = ['score', '-m', MODEL, DATA, '-o', join(out, 'scores.csv')];
  const { status, stderr } = spawnSync(process.execPath, [...flags, '--require', hook, join(joined, 'start.cjs'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, boolean]));
}

describe('a worker that is started ahead', () => {
  const command = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'bin', 'scoreline.js'), ...args], { encoding: 'utf8', timeout: 20_000 });

  test('leaves by itself where nothing comes to be scored', () => {
    expect(command('score', '--no-such-flag')).toMatchObject({ status: 64, signal: null });
    expect(command('score', '-m', 'missing.onnx', DATA, '-o', join(tempFolder(), 'scores.csv'))).toMatchObject({ status: 66, signal: null });
    expect(command('score', '--help')).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  test('and one that dies is replaced', () => {
    const out = join(tempFolder(), 'scores.csv');
    const script = `
      process.env.ORT_DISABLE_TELEMETRY = '1';
      const { Worker } = require('node:worker_threads');
      const dead = new Worker('throw new Error("dead")', { eval: true });
      process.argv = ['node', 'scoreline', 'score', '-m', ${JSON.stringify(MODEL)}, ${JSON.stringify(DATA)}, '-o', ${JSON.stringify(out)}, '--features', ${JSON.stringify(FEATURES)}, '--contract', 'none'];
      const main = require(${JSON.stringify(join(folder, 'scoreline.js'))}).main;
      dead.once('error', () => undefined);
      dead.once('exit', () => main(process, dead));`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 20_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the joined files', () => {
  test('a run from CSV to CSV loads six files on the main thread and four in its worker', () => {
    const coverage = tempFolder();
    const done = run(
      ['score', '-m', MODEL, DATA, '-o', join(tempFolder(), 'scores.csv'), '--workers', '1', '--contract', 'none', '--features', FEATURES],
      { NODE_V8_COVERAGE: coverage },
    );
    expect(done).toEqual({ status: 0, stderr: '' });
    const lists = loadedFiles(coverage).sort((a, b) => b.length - a.length);
    expect(lists.map((files) => files.length)).toEqual([6, 4]);
    expect(lists.flat().filter((url) => !url.includes('/prebuild-test-') && !JOINED.test(url))).toEqual([]);
  });

  test('what is loaded late is found: Arrow with ZSTD, inspect, a contract, a rejects file', () => {
    const out = tempFolder();
    const arrow = join(out, 'scores.arrow');
    expect(run(['score', '-m', MODEL, DATA, '-o', arrow, '--compression', 'zstd'])).toEqual({ status: 0, stderr: '' });
    expect(run(['score', '-m', MODEL, arrow, '-o', join(out, 'again.arrow')]).stderr).toContain('missing-column');
    expect(run(['inspect', MODEL])).toEqual({ status: 0, stderr: '' });
    writeFileSync(join(out, 'bad.contract.json'), '{}');
    expect(run(['score', '-m', MODEL, DATA, '-o', join(out, 'none.csv'), '--contract', join(out, 'bad.contract.json')]).stderr).toContain(
      'contract-invalid',
    );
    const [header, row] = readFileSync(DATA, 'utf8').split('\n');
    writeFileSync(join(out, 'in.csv'), `${header}\n${row}\n${row!.replace(/[^,]+$/, 'high').replace(/^[^,]+/, 'x')}\n`);
    expect(run(['score', '-m', MODEL, join(out, 'in.csv'), '-o', join(out, 'rejects.csv'), '--max-rejects', '1'])).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(out)).toContain('rejects.csv.rejects.csv');
  });

  test('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = spawnSync(process.execPath, [starter, '--version'], { encoding: 'utf8' });
    expect(stdout).toBe(`scoreline ${version}\n`);
  });

  test('are started from what V8 made of them, in both threads', () => {
    const taken = codeTaken(folder);
    expect(taken).toMatchObject({ 'scoreline-common.js': true, 'scoreline-engine.js': true, 'worker-common.js': true });
    expect(Object.values(taken)).not.toContain(false);
  });

  test('are compiled where that does not hold: under other flags, cut short, or gone', () => {
    expect(codeTaken(folder, ['--no-opt'])).toMatchObject({ 'scoreline-common.js': false, 'worker-common.js': false });
    const copy = mkdtempSync(join(ROOT, 'dist', 'prebuild-test-'));
    try {
      cpSync(folder, copy, { recursive: true });
      const code = join(
        copy,
        readdirSync(copy).find((name) => name.startsWith('code-'))!,
      );
      truncateSync(join(code, 'worker-common.js.bin'), 10_000);
      expect(codeTaken(copy)).toMatchObject({ 'scoreline-common.js': true, 'worker-common.js': false });
      rmSync(code, { recursive: true });
      expect(codeTaken(copy)).toEqual({});
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  test('the same sources give the same code', async () => {
    const again = mkdtempSync(join(ROOT, 'dist', 'prebuild-test-'));
    try {
      await prebuild(ROOT, again);
      const code = readdirSync(folder).find((name) => name.startsWith('code-'))!;
      expect(readdirSync(join(again, code))).toEqual(readdirSync(join(folder, code)));
      for (const name of readdirSync(join(folder, code))) {
        const [first, second] = [folder, again].map((each) => readFileSync(join(each, code, name)));
        expect(second!.length, name).toBeGreaterThan(0);
        // Releases are built with Node 20. Newer V8s note a few things in it that depend on timing.
        if (process.version.startsWith('v20.')) expect(second!.equals(first!), name).toBe(true);
      }
    } finally {
      rmSync(again, { recursive: true });
    }
  });

  test('names functions in stacks as the sources do', () => {
    const text = readFileSync(join(folder, 'scoreline-engine.js'), 'utf8');
    expect(text).toMatch(/^async function loadModel\(path, maxBytes\) \{$/m);
  });

  test('carry the licences of what is joined in', () => {
    expect(readFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), 'utf8')).toMatch(/^commander /m);
  });
});
