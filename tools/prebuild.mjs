// Joins the compiled modules of dist, with the packages that they use, into a few files in dist/prebuilt: what bin/scoreline.js starts. Reading and linking
// 230 small modules takes longer than scoring a small file. tools/ready.mjs runs it after the compiler. Names and lines stay, so that stacks can be read.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licenceTexts, productionPackages } from './packaging/production-tree.mjs';

/** Modules that are loaded late where they are separate, and that every run from CSV to CSV needs. */
const ENGINE = [/\/dist\/run\/score\.js$/, /\/dist\/format\/csv\/(split|decode|encode)\.js$/, /\/onnxruntime-node\/dist\/index\.js$/];

/**
 * What threads and processes start with: file of dist/prebuilt -> module of dist. Main threads and workers are built apart: neither reads what only the other
 * needs. What a thread always reads comes in few files: `joined` names each, with the late modules that it holds beside what its start imports. A process
 * that only supervises another reads no engine.
 */
const THREADS = [
  {
    entries: { scoreline: 'cli/main.js', 'scoring-process': 'job/scoring-process.js' },
    joined: { common: [/\/dist\/cli\/commands\/score\.js$/], engine: ENGINE },
  },
  { entries: { worker: 'run/worker.js', 'probe-worker': 'run/probe-worker.js' }, joined: { common: ENGINE } },
];

/** What stays where it is: native code, and a module that waits while it loads, which only an ES module may; and where that is, from dist/prebuilt. */
const EXTERNAL = [/onnxruntime_binding\.node$/];
const LEFT_ALONE = '../format/arrow/codec/zstd-wasm.js';

/** Makes `done`, a folder below `root`, from the modules in the project's dist. It is there in full, or not at all. */
export async function prebuild(root, done = join(root, 'dist', 'prebuilt')) {
  const part = `${done}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  for (const entries of THREADS) await joinThread(root, part, entries);
  writeFileSync(join(part, 'THIRD-PARTY-LICENCES.txt'), licenceTexts(root, productionPackages(root)));
  // CommonJS: a thread that loads no ES module starts 4 ms sooner.
  writeFileSync(join(part, 'package.json'), '{ "type": "commonjs" }\n');
  copyFileSync(join(root, 'tools', 'prebuild', 'load.cjs'), join(part, 'load.js'));
  warmUntilSame(root, part);
  rmSync(done, { recursive: true, force: true });
  renameSync(part, done);
}

async function joinThread(root, folder, { entries, joined }) {
  const input = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, 'dist', file)]));
  const starts = new Set(Object.values(input));
  const files = new Map();
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input,
    external: (id) => EXTERNAL.some((pattern) => pattern.test(id)),
    preserveEntrySignatures: 'allow-extension',
    plugins: [leftAlone(), constants(root), reach(starts, joined, files)],
  });
  const name = Object.keys(entries)[0];
  await bundle.write({
    dir: folder,
    format: 'cjs',
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: `${name}-[name].js`,
    // Every file is started by load.js, which knows what V8 made of it.
    banner: ({ isEntry }) => (isEntry ? 'require = require("./load.js").requireBeside;' : ''),
    codeSplitting: {
      groups: Object.keys(joined).map((file) => ({
        name: file,
        test: (id) => files.get(id) === file && !starts.has(id),
        includeDependenciesRecursively: false,
      })),
    },
  });
  await bundle.close();
}

function leftAlone() {
  return { name: 'left-alone', resolveId: (id) => (id.endsWith('/zstd-wasm.js') ? { id: LEFT_ALONE, external: 'absolute' } : undefined) };
}

const MOST_RUNS = 4;

/**
 * Which functions run hangs a little on who waits for whom: on a busy machine one may be left out. What two runs give alike is kept, so that the same sources give the same bytes.
 */
function warmUntilSame(root, folder) {
  const seen = new Set();
  for (let run = 0; run < MOST_RUNS; run++) {
    for (const name of codeFolders(folder)) rmSync(join(folder, name), { recursive: true });
    warm(root, folder);
    const digest = createHash('sha256');
    for (const name of codeFolders(folder))
      for (const file of readdirSync(join(folder, name)).sort()) digest.update(readFileSync(join(folder, name, file)));
    const hex = digest.digest('hex');
    if (seen.has(hex)) return;
    seen.add(hex);
  }
}

function codeFolders(folder) {
  return readdirSync(folder).filter((name) => name.startsWith('code-'));
}

/** Has V8 compile what runs from CSV and from Arrow use, and keeps that beside the joined files. */
function warm(root, folder) {
  const outputs = mkdtempSync(join(tmpdir(), 'scoreline-prebuild-'));
  const model = join(root, 'fixtures', 'california', 'california-trees.onnx');
  const [csv, arrow, contract] = [
    join(root, 'fixtures', 'california', 'california.csv'),
    join(outputs, 'first.arrow'),
    join(outputs, 'contract.json'),
  ];
  try {
    run(['score', '-m', model, csv, '-o', join(outputs, 'scores.csv')]);
    run(['score', '-m', model, csv, '-o', arrow, '--keep', 'all']);
    run(['score', '-m', model, arrow, '-o', join(outputs, 'scores.arrow'), '--prefix', 'again_']);
    copyFileSync(model.replace('.onnx', '.contract.json'), contract);
    run(['profile', '-m', model, csv, '-o', contract, '--update']);
    run(['score', '-m', model, csv, '-o', join(outputs, 'compared.csv'), '--contract', contract]);
  } finally {
    rmSync(outputs, { recursive: true });
  }

  function run(args) {
    const file = join(root, 'tools', 'prebuild', 'warm.cjs');
    // under flags or variables of the caller's V8 would make other code
    const env = { PATH: process.env.PATH };
    const done = spawnSync(process.execPath, ['--random-seed=1', file, folder, ...args, '--workers', '1'], {
      env,
      stdio: ['ignore', 2, 2],
    });
    if (done.status !== 0) throw new Error(`a run of the joined files ended with status ${done.status ?? done.signal}`);
  }
}

/** What modules find out by where they stand, and would not find from dist/prebuilt. */
function constants(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const rewritten = {
    'dist/version.js': () => `export const version = ${JSON.stringify(version)};\n`,
    // It would take a native canvas from wherever one is installed; nothing here paints.
    'node_modules/linkedom/commonjs/canvas.cjs': () => "module.exports = require('./canvas-shim.cjs');\n",
    'node_modules/onnxruntime-node/dist/binding.js': (code) => replaceOnce(code, 'require(`../bin/', 'require(`onnxruntime-node/bin/'),
  };
  return {
    name: 'constants',
    transform: (code, id) => Object.entries(rewritten).find(([file]) => id === join(root, file))?.[1](code),
  };
}

function replaceOnce(text, from, to) {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`expected ${from} once, found it ${parts.length - 1} times`);
  return parts.join(to);
}

/**
 * Fills `files` with the joined file of each module: what the starts and the late modules of the first import, at any remove, unless they import it late; then what
 * those of the second do and the first does not hold.
 */
function reach(starts, joined, files) {
  return {
    name: 'reach',
    buildEnd() {
      Object.entries(joined).forEach(([file, late], order) => {
        const todo = [...this.getModuleIds()].filter((id) => (order === 0 && starts.has(id)) || late.some((pattern) => pattern.test(id)));
        for (const id of todo) {
          if (files.has(id)) continue;
          files.set(id, file);
          todo.push(...(this.getModuleInfo(id)?.importedIds ?? []));
        }
      });
    },
  };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await prebuild(resolve(import.meta.dirname, '..'));
