// Goes into dist/prebuilt as load.js. Starts the joined files from what V8 made of them when they were built: reading and compiling half a megabyte of
// JavaScript takes longer than scoring a small file. What is there holds for one release of Node on one platform, and V8 looks once more whether it holds (its
// version, its flags, the length of the source). Where it does not, the files are compiled as ever. Who edits a joined file has to build again.
'use strict';
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { Script } = require('node:vm');

/** Below dist/prebuilt: for each joined file that has no `import()`, which V8 loses on the way, its code. */
const CODE_FOLDER = `code-${process.version}-${process.platform}-${process.arch}`;

/** Files that were started as scripts, by name; the code that is kept is made from these. */
const scripts = new Map();
let collecting = false;

/** Starts a joined file and what it requires, unless it was started before; from then on `require` finds it. */
function load(name) {
  const filename = `${__dirname}/${name}`;
  if (require.cache[filename] !== undefined) return require.cache[filename].exports;
  const code = readCode(name);
  if (code === undefined && !collecting) return require(filename);
  const source = readFileSync(filename, 'utf8');
  if (collecting && source.includes('import(')) return require(filename);
  // V8 keeps the name, too: no path may be in it.
  const script = new Script(Module.wrap(source), { filename: name, columnOffset: -Module.wrapper[0].length, cachedData: code });
  scripts.set(name, script);
  const module = new Module(filename);
  require.cache[filename] = module;
  module.filename = filename;
  script.runInThisContext()(module.exports, requireBeside, module, filename, __dirname);
  module.loaded = true;
  return module.exports;
}

/** `require` of every joined file: all of them stand beside this one. */
function requireBeside(id) {
  return id.startsWith('./') ? load(id.slice(2)) : require(id);
}

function readCode(name) {
  try {
    return readFileSync(`${__dirname}/${CODE_FOLDER}/${name}.bin`);
  } catch {
    return undefined;
  }
}

/** For the build: files without code of their own are started as scripts, too. */
function collect() {
  collecting = true;
  return scripts;
}

module.exports = { CODE_FOLDER, collect, requireBeside };
