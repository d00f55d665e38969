import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Files that the threads of a run loaded, Node's own left out: one list a thread. */
function loadedFiles(coverage: string): string[][] {
  return readdirSync(coverage).map((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
  });
}

const MODEL = fixture('california', 'california-trees.onnx');
const DATA = fixture('california', 'california.csv');
const FEATURES = (
  JSON.parse(readFileSync(fixture('california', 'california-trees.contract.json'), 'utf8')) as { features: string[] }
).features.join();

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
  test('a run from CSV to CSV loads five files on the main thread and three in its worker', () => {
    const coverage = tempFolder();
    const done = run(
      ['score', '-m', MODEL, DATA, '-o', join(tempFolder(), 'scores.csv'), '--workers', '1', '--contract', 'none', '--features', FEATURES],
      { NODE_V8_COVERAGE: coverage },
    );
    expect(done).toEqual({ status: 0, stderr: '' });
    const lists = loadedFiles(coverage).sort((a, b) => b.length - a.length);
    expect(lists.map((files) => files.length)).toEqual([5, 3]);
    expect(lists.flat().filter((url) => !url.includes('/prebuild-test-'))).toEqual([]);
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

  test('names functions in stacks as the sources do', () => {
    const text = readFileSync(join(folder, 'scoreline-engine.js'), 'utf8');
    expect(text).toMatch(/^async function loadModel\(path, maxBytes\) \{$/m);
  });

  test('carry the licences of what is joined in', () => {
    expect(readFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), 'utf8')).toMatch(/^commander /m);
  });
});
