// npm run test:packages: makes the packages, installs each as a user would, and scores a fixture with what was installed. The scores must be
// the bytes that the checkout gives. Ends with `N passed, N failed`. Only the plain tarball needs a registry; the rest is run without any network.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const platform = `${process.platform}-${process.arch}`;
const model = join(root, 'fixtures', 'california', 'california-trees.onnx');
const data = join(root, 'fixtures', 'california', 'california.csv');
// Outside the project, so that its .npmrc and its packages play no part.
const work = mkdtempSync(join(tmpdir(), 'scoreline-packages-'));
// A network namespace without a way out, where the machine lets us have one.
const cutOff = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];

let passed = 0;
let failed = 0;

try {
  const expected = join(work, 'expected.csv');
  must([process.execPath, join(root, 'bin', 'scoreline.js'), 'score', '-m', model, data, '-o', expected]);

  const bundle = make('tools/bundle.mjs', [], `scoreline-${version}-${platform}.tar.gz`);
  const top = untar(bundle, 'bundle');
  const started = join(top, 'bin', 'scoreline');
  const bare = [...cutOff, 'env', '-i', `PATH=${join(process.execPath, '..')}`];
  check('bundle: the same sources give the same bytes', () =>
    same(digest(bundle), digest(make('tools/bundle.mjs', [], `scoreline-${version}-${platform}.tar.gz`))),
  );
  check('bundle: carries the licences of what is in it', () => carriesLicences(top));
  check('bundle: --help, in an empty environment and without network', () => contains(must([...bare, started, '--help']).stdout, 'score'));
  check('bundle: --version through a symbolic link', () => {
    symlinkSync(started, join(work, 'link'));
    contains(must([...bare, join(work, 'link'), '--version']).stdout, version);
  });
  check('bundle: scores as the checkout does', () => scores([...bare, started], expected));
  check('bundle: says what is missing where there is no node', () => {
    const done = run(['env', '-i', 'PATH=/nowhere', started, '--version']);
    same(done.status, 78);
    contains(done.stderr, 'there is no node on the PATH');
  });
  check('bundle: says what is wrong with an old node', () => {
    const preload = join(work, 'old.cjs');
    writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } });`);
    const done = run([...bare, `NODE_OPTIONS=--require=${preload}`, started, '--version']);
    same(done.status, 78);
    contains(done.stderr, 'found 18.20.0');
  });

  check('bundle with node: scores where there is no node', () => {
    const file = make('tools/bundle.mjs', ['--with-node'], `scoreline-${version}-${platform}-node${process.versions.node}.tar.gz`);
    const start = join(untar(file, 'with-node'), 'bin', 'scoreline');
    scores(['env', '-i', 'PATH=/nowhere', start], expected);
    // root can give everything away; others have little to give
    if (process.getuid() === 0 && spawnSync('unshare', ['-mn', 'setpriv', '--version']).status === 0) {
      check('bundle with node: scores with no rights, no network, no environment, a read-only root, from a folder that was deleted', () =>
        scoresConfined(start, expected),
      );
    }
  });

  check('npm run pack: installs globally with install scripts on and no network', () => {
    const file = make('tools/pack.mjs', [], `scoreline-${version}-npm-${platform}.tgz`);
    const installed = installGlobally(file, 'packed', [...cutOff], ['--offline']);
    contains(must([...bare, installed, '--version']).stdout, version);
    carriesLicences(join(work, 'packed', 'lib', 'node_modules', 'scoreline'));
    scores([...bare, installed], expected);
  });

  check('npm pack: installs globally with install scripts on and only a registry', () => {
    must([...npm(), 'pack', '--silent', '--pack-destination', work], root);
    const installed = installGlobally(join(work, `scoreline-${version}.tgz`), 'plain', [], []);
    const binaries = join(
      work,
      'plain',
      'lib',
      'node_modules',
      'scoreline',
      'node_modules',
      'onnxruntime-node',
      'bin',
      'napi-v6',
      process.platform,
      process.arch,
    );
    same(
      readdirSync(binaries)
        .filter((name) => /cuda|tensorrt/.test(name))
        .join(),
      '',
    );
    scores([...bare, installed], expected);
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function check(name, body) {
  const start = performance.now();
  try {
    body();
    passed++;
    process.stdout.write(`ok   ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    failed++;
    process.stdout.write(`FAIL ${name}\n${String(error.stack).replace(/^/gm, '     ')}\n`);
  }
}

function make(tool, args, name) {
  must([process.execPath, join(root, tool), ...args], root);
  return join(root, 'build', name);
}

function untar(file, name) {
  const folder = join(work, name);
  mkdirSync(folder);
  must(['tar', 'xzf', file, '-C', folder]);
  return join(folder, readdirSync(folder)[0]);
}

/** Installs into a prefix of its own; gives the command that npm linked. */
function installGlobally(file, name, before, args) {
  const prefix = join(work, name);
  mkdirSync(prefix);
  must([...before, ...npm(), 'install', '--global', '--prefix', prefix, '--ignore-scripts=false', '--no-audit', '--no-fund', ...args, file]);
  return join(prefix, 'bin', 'scoreline');
}

function scores(command, expected) {
  const output = join(work, `scores-${passed}-${failed}.csv`);
  must([...command, 'score', '-m', model, data, '-o', output]);
  same(digest(output), digest(expected));
}

/** As uid 65534 without capabilities or a way to any, all of the machine read-only but the output's folder. */
function scoresConfined(start, expected) {
  const [given, out] = [join(work, 'given'), join(work, 'out')];
  for (const folder of [given, out]) mkdirSync(folder);
  cpSync(model, join(given, 'm.onnx'));
  cpSync(model.replace('.onnx', '.contract.json'), join(given, 'm.contract.json'));
  cpSync(data, join(given, 'in.csv'));
  chmodSync(work, 0o755);
  chmodSync(out, 0o777);
  const nobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all env -i';
  const lines = [
    'set -e',
    'mount --make-rprivate /',
    `mount --bind ${out} ${out}`,
    'mount -o remount,bind,ro /',
    `mkdir ${out}/deleted && cd ${out}/deleted && rmdir ${out}/deleted`,
    `${nobody} ${start} score -m ${given}/m.onnx ${given}/in.csv -o ${out}/scores.csv`,
  ];
  must(['unshare', '-mn', '/bin/sh', '-c', lines.join('\n')]);
  same(digest(join(out, 'scores.csv')), digest(expected));
}

function carriesLicences(folder) {
  const text = readFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
  for (const name of ['onnxruntime-node', 'apache-arrow', 'csv-parse']) contains(text, `${name} `);
}

function npm() {
  return process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
}

function run(command, cwd = work) {
  // What npm run puts in the environment (its prefix, its flags) would reach into the installations that are tested.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_(?!config_(registry|cafile|proxy|https_proxy|cache)$)/i.test(key)),
  );
  const done = spawnSync(command[0], command.slice(1), { cwd, env, encoding: 'utf8' });
  if (done.error) throw done.error;
  return done;
}

function must(command, cwd) {
  const done = run(command, cwd);
  if (done.status !== 0) throw new Error(`${command.join(' ')}\nended with status ${done.status}\n${done.stdout}${done.stderr}`);
  return done;
}

function digest(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function same(found, wanted) {
  if (found !== wanted) throw new Error(`expected ${wanted}, found ${found}`);
}

function contains(text, part) {
  if (!text.includes(part)) throw new Error(`expected ${JSON.stringify(part)} in: ${text}`);
}
