import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReady } from '../../tools/ready.mjs';

const project = resolve(import.meta.dirname, '../..');
const tool = join(project, 'tools', 'ready.mjs');

/** A project of two sources beside the packages that are installed here. */
let root: string;
const said: string[] = [];
const ready = () => makeReady(root, (line) => said.push(line));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scoreline-ready-'));
  said.length = 0;
  mkdirSync(join(root, 'src', 'deep'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(project, file), join(root, file));
  // Without Node's types, which take most of the compiler's time.
  const compilerOptions = { ...JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8')).compilerOptions, types: [], lib: ['ES2015'] };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'src', 'a.ts'), `export const a: number = 1;\n`);
  writeFileSync(join(root, 'src', 'deep', 'b.ts'), `export const b: number = 2;\n`);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const dist = (...path: string[]) => join(root, 'dist', ...path);

describe('compiling', () => {
  it('happens once, and says so in one line', () => {
    expect(ready()).toEqual(['build']);
    expect(existsSync(dist('deep', 'b.js'))).toBe(true);
    expect(said).toEqual(['ready: compiling src to dist ...']);
    expect(ready()).toEqual([]);
    expect(said).toHaveLength(1);
  });

  it('follows a changed source, whatever its time says', () => {
    ready();
    writeFileSync(join(root, 'src', 'a.ts'), `export const a: number = 7;\n`);
    expect(ready()).toEqual(['build']);
    expect(readFileSync(dist('a.js'), 'utf8')).toContain('7');
  });

  it('removes what a deleted source left', () => {
    ready();
    rmSync(join(root, 'src', 'deep', 'b.ts'));
    expect(ready()).toEqual(['build']);
    expect([existsSync(dist('deep', 'b.js')), existsSync(dist('deep', 'b.d.ts')), existsSync(dist('a.js'))]).toEqual([false, false, true]);
  });

  it('makes again what somebody deleted from dist', () => {
    ready();
    rmSync(dist('deep', 'b.js'));
    expect(ready()).toEqual(['build']);
    expect(existsSync(dist('deep', 'b.js'))).toBe(true);
  });

  it('copies what is not TypeScript', () => {
    writeFileSync(join(root, 'src', 'deep', 'page.html'), '<p>');
    expect(ready()).toEqual(['build']);
    expect(readFileSync(dist('deep', 'page.html'), 'utf8')).toBe('<p>');
    expect(ready()).toEqual([]);
  });

  it('fails again as long as the source is wrong', () => {
    ready();
    writeFileSync(join(root, 'src', 'a.ts'), `export const a: number = 'text';\n`);
    const run = () => spawnSync(process.execPath, ['-e', `import(${JSON.stringify(tool)}).then((m) => m.makeReady(${JSON.stringify(root)}))`]).status;
    expect([run(), run()]).toEqual([1, 1]);
  });

  it('is done by one of two that start together', async () => {
    const script = `import(${JSON.stringify(tool)}).then((m) => console.log(m.makeReady(${JSON.stringify(root)}).join()))`;
    const results = await Promise.all([1, 2].map(() => output(script)));
    expect(results.sort()).toEqual(['\n', 'build\n']);
  });
});

describe('installing', () => {
  const commands: string[] = [];
  const recorded = () => {
    commands.length = 0;
    mkdirSync(dist(), { recursive: true });
    makeReady(
      root,
      (line) => said.push(line),
      (_root, command, args) => commands.push([command, ...args].join(' ')),
    );
    return commands.filter((line) => line.includes('ci --ignore-scripts'));
  };
  const editLock = (edit: (packages: Record<string, { version?: string }>) => void) => {
    const path = join(root, 'package-lock.json');
    const lock = JSON.parse(readFileSync(path, 'utf8'));
    edit(lock.packages);
    writeFileSync(path, JSON.stringify(lock));
  };

  it('leaves alone what npm installed', () => {
    expect(recorded()).toEqual([]);
  });

  it('happens in a clone without packages', () => {
    rmSync(join(root, 'node_modules'));
    expect(recorded()).toHaveLength(1);
    expect(said[0]).toBe('ready: installing the locked packages (npm ci) ...');
  });

  it('happens when the lock asks for another version', () => {
    editLock((packages) => (packages['node_modules/commander']!.version = '0.0.1'));
    expect(recorded()).toHaveLength(1);
  });

  it('happens when the lock asks for a package more', () => {
    editLock((packages) => (packages['node_modules/not-there'] = { version: '1.0.0' }));
    expect(recorded()).toHaveLength(1);
  });
});

async function output(script: string): Promise<string> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await new Promise((done) => child.once('close', done));
  return text;
}
