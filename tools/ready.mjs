// Makes a clone runnable: installs the locked packages where they are not there, compiles and joins where a source changed. Says one line for each
// thing it does, nothing when there is nothing to do. Every npm script that needs the build starts with it, because with ignore-scripts npm
// runs no pre- and post-scripts. Node's own modules only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILED = /(?<!\.d)\.ts$/;
const OUTPUTS = /\.(js|d\.ts)$/;
/** Joins what was compiled into the few files of this folder of dist. */
const JOINER = join('tools', 'prebuild.mjs');
/** What it is made of besides. */
const JOINER_PARTS = ['load.cjs', 'warm.cjs'].map((name) => join('tools', 'prebuild', name));
const JOINED = 'prebuilt';

/**
 * Does whatever is missing in the project at `root`; gives the names of what it did. Throws ReadyError when a step fails.
 * @param {string} root
 * @param {(line: string) => void} say
 * @param {(root: string, command: string, args: string[]) => void} run
 */
export function makeReady(root, say = (line) => void process.stderr.write(`${line}\n`), run = runCommand) {
  if (isReady(root)) return [];
  // npm test and npm start at the same time: the second waits, then finds nothing left to do.
  return holdingLock(join(root, 'build', 'ready.lock'), () => {
    const done = [];
    if (!isInstalled(root)) {
      say('ready: installing the locked packages (npm ci) ...');
      npm(run, root, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
      done.push('install');
    }
    if (!isBuilt(root)) {
      say('ready: compiling src to dist ...');
      build(run, root);
      done.push('build');
    }
    return done;
  });
}

export class ReadyError extends Error {}

export function isReady(root) {
  return isInstalled(root) && isBuilt(root);
}

/**
 * True when what npm has installed is what the lock asks for. npm leaves its own account of what it installed in node_modules, written
 * when it was through, so an install by hand counts and one that was broken off does not. Optional packages are other platforms' binaries.
 */
function isInstalled(root) {
  const account = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(account)) return false;
  const installed = JSON.parse(readFileSync(account, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === '' || wanted.optional || wanted.os) return true;
    return installed[path]?.version === wanted.version && existsSync(join(root, path, 'package.json'));
  });
}

/** True when dist was made, in full, from the sources as they are now. */
function isBuilt(root) {
  const stamp = join(root, 'dist', '.built-from');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourceDigest(root)) return false;
  if (existsSync(join(root, JOINER)) && !existsSync(join(root, 'dist', JOINED, 'package.json'))) return false;
  return sources(root).every((file) => existsSync(join(root, 'dist', outputOf(file))));
}

function build(run, root) {
  const dist = join(root, 'dist');
  const digest = sourceDigest(root);
  const files = sources(root);
  removeStale(dist, new Set(files.map(outputOf)));
  // tsc's incremental memory believes that what it once wrote is still there.
  if (files.some((file) => !existsSync(join(dist, outputOf(file))))) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  rmSync(join(dist, '.built-from'), { force: true });
  run(root, process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  for (const file of files.filter((name) => !COMPILED.test(name))) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    copyFileSync(join(root, 'src', file), join(dist, file));
  }
  if (existsSync(join(root, JOINER))) run(root, process.execPath, [join(root, JOINER)]);
  writeFileSync(join(dist, '.built-from'), digest);
}

/** Files of src, relative and sorted; notes for people and schemas that code was generated from stay where they are. */
function sources(root) {
  return filesUnder(join(root, 'src')).filter((file) => !/\.(md|proto)$/.test(file));
}

function outputOf(source) {
  return source.replace(COMPILED, '.js');
}

function sourceDigest(root) {
  const hash = createHash('sha256');
  const tools = existsSync(join(root, JOINER)) ? [JOINER, ...JOINER_PARTS] : [];
  for (const file of ['tsconfig.json', 'package-lock.json', ...tools, ...sources(root).map((name) => join('src', name))]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** A file in dist whose source is gone would still be imported, and shipped. */
function removeStale(dist, wanted) {
  for (const file of existsSync(dist) ? filesUnder(dist) : []) {
    const source = file.replace(OUTPUTS, '.js');
    const kept = file === '.tsbuildinfo' || file.startsWith(join(JOINED, '/'));
    if (!kept && !wanted.has(source) && !wanted.has(file)) rmSync(join(dist, file));
  }
}

function filesUnder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)).map((name) => join(entry.name, name)) : [entry.name]))
    .sort();
}

/** A lock that the kernel frees when the holder ends, however it ends. Where flock(1) is missing the steps run unguarded. */
function holdingLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'a');
  try {
    spawnSync('flock', ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    return work();
  } finally {
    closeSync(fd);
  }
}

/** Runs the npm that started us, or the one on the path. */
function npm(run, root, args) {
  const own = process.env['npm_execpath'];
  if (own?.endsWith('.js')) run(root, process.execPath, [own, ...args]);
  else run(root, 'npm', args);
}

function runCommand(root, command, args) {
  // To stderr, all of it: stdout belongs to whoever asked for the build.
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.error) throw new ReadyError(`cannot start ${command}: ${done.error.message}`);
  if (done.status !== 0) throw new ReadyError(`${[command, ...args].join(' ')} ended with status ${done.status ?? done.signal}`);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    makeReady(resolve(import.meta.dirname, '..'));
  } catch (error) {
    if (!(error instanceof ReadyError)) throw error;
    process.stderr.write(`ready: ${error.message}\n`);
    process.exitCode = 1;
  }
}
