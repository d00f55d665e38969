// The production packages, as they are installed here and locked, cut down to what runs on one platform. Both packages (bundle and npm
// tarball) are made from this tree, so what one test shows of it holds for the other.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Dependencies that a package names but does not need to run, and why. The install script of a package is dropped with what only it used. */
const TRIMS = {
  'onnxruntime-node': {
    // Its install script downloads GPU libraries; these two serve it alone. The CPU runtime is inside the package.
    unused: ['adm-zip', 'global-agent'],
    dropScripts: true,
    keep: (path, { platform, arch }) =>
      /^(package\.json$|README\.md$|dist\/)/.test(path) ||
      (path.startsWith(`bin/napi-v6/${platform}/${arch}/`) && !/providers_(cuda|tensorrt)/.test(path)),
  },
  // Its own command lines need them, which nothing here starts.
  'd3-dsv': { unused: ['commander', 'iconv-lite', 'rw'] },
  // Builds for browsers, beside the modules.
  d3: { unused: [], keep: (path) => !/^dist\/(?!d3\.mjs$)/.test(path) },
  '@observablehq/plot': { unused: [], keep: (path) => !path.startsWith('dist/') },
  // Types alone.
  'apache-arrow': { unused: ['@types/node'] },
  // The same three times, for Node, bundlers and browsers.
  '@bokuweb/zstd-wasm': { unused: [], keep: (path) => /^(package\.json$|README\.md$|dist\/common\/)/.test(path) },
};

/** What no package needs in order to run: types, sources, maps, tests. */
const IDLE = /(\.map|\.ts|\.mts|\.cts|\.tsbuildinfo|\.html|\.min\.js)$|(^|\/)(__tests__|test|tests|typings|\.github)\//;

/** Licence texts of packages that leave theirs out, in tools/packaging/licences. */
const LICENCES = {
  '@bokuweb/zstd-wasm': ['zstd-wasm-MIT.txt', 'zstd-BSD-3-Clause.txt'],
  '@bufbuild/protobuf': ['Apache-2.0.txt', 'protobuf-BSD-3-Clause.txt'],
  'apache-arrow': ['Apache-2.0.txt'],
  'onnxruntime-common': ['onnxruntime-LICENSE.txt'],
  'onnxruntime-node': ['onnxruntime-LICENSE.txt', 'onnxruntime-ThirdPartyNotices.txt'],
};

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The packages that the product needs to run: `{ name, path, version }`, path below the root, sorted. */
export function productionPackages(root) {
  const { packages } = readJson(join(root, 'package-lock.json'));
  const found = new Map();
  const visit = (path) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const entry = packages[path];
    if (path !== '') {
      if (found.has(path)) return;
      found.set(path, { name, path, version: entry.version });
    }
    const unused = TRIMS[name]?.unused ?? [];
    for (const dependency of Object.keys(entry.dependencies ?? {}).filter((each) => !unused.includes(each)))
      visit(resolveIn(packages, path, dependency));
  };
  visit('');
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Node's rule: the nearest node_modules upwards that has the package. */
function resolveIn(packages, from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const path = `${base}${base === '' ? '' : '/'}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (base === '') throw new Error(`the lock has no ${name}, which ${from} needs`);
    if (!base.includes('/node_modules/')) base = '';
  }
}

/** Copies the production packages to `to`/node_modules. */
export function copyProductionPackages(root, to, target) {
  const chosen = productionPackages(root);
  for (const { name, path } of chosen) {
    const trim = TRIMS[name];
    copyFiles(join(root, path), join(to, path), (file) => !IDLE.test(file) && (trim?.keep?.(file, target) ?? true));
    if (trim !== undefined) trimManifest(join(to, path, 'package.json'), trim);
  }
  const binding = join(to, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', target.platform, target.arch, 'onnxruntime_binding.node');
  if (!existsSync(binding)) throw new Error(`onnxruntime-node has no binaries for ${target.platform}-${target.arch}`);
  return chosen;
}

function trimManifest(file, { unused, dropScripts }) {
  const manifest = readJson(file);
  if (dropScripts) delete manifest.scripts;
  for (const name of unused) delete manifest.dependencies[name];
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Copies a folder's files for which `wanted` says so; nested node_modules are packages of their own. */
export function copyFiles(from, to, wanted = () => true, below = '') {
  for (const entry of readdirSync(join(from, below), { withFileTypes: true })) {
    const path = below + entry.name;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') copyFiles(from, to, wanted, `${path}/`);
    } else if (wanted(path)) {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      cpSync(join(from, path), join(to, path), { dereference: true });
    }
  }
}

/**
 * What of ours ships, from `files` of package.json, which npm adds the manifest and the README to. The install script is for the plain tarball, and what V8
 * made of the joined files here for no other platform.
 */
export function copyProduct(root, to, { platform, arch }) {
  const ships = (name) => !['.tsbuildinfo', '.built-from'].includes(name) && (!name.startsWith('code-v') || name.endsWith(`-${platform}-${arch}`));
  const { files } = readJson(join(root, 'package.json'));
  for (const name of ['package.json', 'README.md', 'LICENSE', ...files.filter((each) => !each.startsWith('tools/'))]) {
    const from = join(root, name);
    if (!existsSync(from)) continue;
    cpSync(from, join(to, name), { recursive: true, filter: (path) => ships(basename(path)) });
  }
}

/** The licence texts of `packages`, one after the other. Throws for a package without one: it may not ship. */
export function licenceTexts(root, packages) {
  const sections = packages.map(({ name, path, version }) => {
    const folder = join(root, path);
    const own = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copyrightnotice)/i.test(file));
    const texts = [
      ...own.map((file) => readFileSync(join(folder, file), 'utf8')),
      ...(LICENCES[name] ?? []).map((file) => readFileSync(join(import.meta.dirname, 'licences', file), 'utf8')),
    ];
    if (texts.length === 0) throw new Error(`${name} ${version} carries no licence text: add it to tools/packaging/licences`);
    return `${name} ${version} (${readJson(join(folder, 'package.json')).license})\n${'='.repeat(72)}\n\n${texts.map((text) => text.trim()).join('\n\n')}\n`;
  });
  return sections.join('\n\n');
}
