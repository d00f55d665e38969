import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMAND, fixture, ROOT, tempFolder } from '../support/command.js';
import { hasTool } from '../support/tools.js';

// Without CI, GITHUB_ACTIONS and TF_BUILD, which would hide what the runtime does by itself.
const bare = (home: string): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: home, TMPDIR: home });
const ENTRY = pathToFileURL(join(ROOT, 'dist', 'index.js')).href;

/** Runs a script that is given as text. */
function runScript(home: string, text: string): { status: number | null; stderr: string } {
  const script = join(tempFolder(), 'script.mjs');
  writeFileSync(script, text);
  const run = spawnSync(process.execPath, [script], { cwd: ROOT, env: bare(home), encoding: 'utf8' });
  return { status: run.status, stderr: run.stderr };
}

describe.runIf(process.platform === 'linux')('the runtime sends and leaves nothing', () => {
  test('the control: the bare runtime does leave files in the home folder', () => {
    const home = tempFolder();
    const run = runScript(
      home,
      `import { createRequire } from 'node:module';
       const ort = createRequire(${JSON.stringify(join(ROOT, 'package.json'))})('onnxruntime-node');
       await ort.InferenceSession.create(${JSON.stringify(fixture('types', 'single.onnx'))});`,
    );
    expect(run).toMatchObject({ status: 0 });
    expect(readdirSync(home).filter((name) => /^(\.cache|mat-debug-.*)$/.test(name)).length).toBe(2);
  });

  test('the command leaves nothing, opens no socket and writes only what it was told to', () => {
    const home = tempFolder();
    const out = tempFolder();
    const args = [
      COMMAND,
      'score',
      '-m',
      fixture('types', 'single.onnx'),
      fixture('types', 'types.csv'),
      '-o',
      join(out, 'scores.csv'),
      '--bind',
      'x=f1',
    ];
    const trace = join(tempFolder(), 'trace.txt');
    const strace = hasTool('strace');
    const run = strace
      ? spawnSync('strace', ['-f', '-o', trace, '-e', 'trace=socket,connect,openat,creat,mkdir,mkdirat', process.execPath, ...args], {
          cwd: ROOT,
          env: bare(home),
          encoding: 'utf8',
        })
      : spawnSync(process.execPath, args, { cwd: ROOT, env: bare(home), encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '', stdout: '' });
    expect(readdirSync(home)).toEqual([]);
    if (!strace) return;
    const calls = readFileSync(trace, 'utf8').split('\n');
    expect(calls.filter((call) => /socket\(AF_INET|connect\(/.test(call))).toEqual([]);
    const written = calls.filter((call) => /O_CREAT|mkdir|creat\(/.test(call) && !call.includes(out));
    expect(written).toEqual([]);
  });

  test.runIf(hasTool('strace'))('reading a journal opens no socket and writes nothing at all', () => {
    const out = tempFolder();
    const score = ['score', '-m', fixture('types', 'single.onnx'), fixture('types', 'types.csv'), '-o', join(out, 'o.csv'), '--bind', 'x=f1'];
    expect(spawnSync(process.execPath, [COMMAND, ...score], { env: bare(out) }).status).toBe(0);
    const before = readdirSync(out);
    for (const command of ['show', 'verify']) {
      const trace = join(tempFolder(), 'trace.txt');
      const calls = 'trace=socket,connect,openat,creat,mkdir,mkdirat,rename,renameat2,unlink,unlinkat';
      const args = ['-f', '-o', trace, '-e', calls, process.execPath, COMMAND, 'journal', command, out];
      expect(spawnSync('strace', args, { env: bare(out), encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      const changing = readFileSync(trace, 'utf8')
        .split('\n')
        .filter((call) => /socket\(AF_INET|connect\(|O_CREAT|mkdir|creat\(|rename|unlink/.test(call));
      expect(changing).toEqual([]);
    }
    expect(readdirSync(out)).toEqual(before);
  });

  test('the library leaves nothing', () => {
    const home = tempFolder();
    const run = runScript(
      home,
      `import { score } from ${JSON.stringify(ENTRY)};
       await score({ model: ${JSON.stringify(fixture('types', 'single.onnx'))}, input: ${JSON.stringify(fixture('types', 'types.csv'))}, output: ${JSON.stringify(join(tempFolder(), 'o.csv'))}, bind: { x: 'f1' } });`,
    );
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(home)).toEqual([]);
  });

  test("in a host's worker thread the library refuses, unless the process was started with telemetry off", () => {
    const home = tempFolder();
    const text = `
      import { Worker } from 'node:worker_threads';
      const code = \`import(${JSON.stringify(ENTRY)}).then(({ score }) => score({ model: 'none.onnx', input: 'none.csv', output: 'none', journal: false })).catch((e) => console.log(e.code))\`;
      await new Promise((done) => new Worker(code, { eval: true }).on('exit', done));`;
    const script = join(home, 'host.mjs');
    writeFileSync(script, text);
    const codeIn = (env: NodeJS.ProcessEnv): string => execFileSync(process.execPath, [script], { env, cwd: ROOT, encoding: 'utf8' }).trim();
    expect(codeIn(bare(home))).toBe('telemetry');
    expect(codeIn({ ...bare(home), ORT_DISABLE_TELEMETRY: '1' })).toBe('model-missing');
  });
});
