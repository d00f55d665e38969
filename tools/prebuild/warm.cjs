// node --random-seed=1 tools/prebuild/warm.cjs FOLDER ARGUMENT...: runs a command line from joined files with one worker, and keeps in FOLDER what V8 made of them, functions that
// ran included. V8 hashes strings by a random seed, which would be in the code: with a seed of ours the same sources give the same bytes. Nor may V8 throw code away again that
// has not run for a while, which depends on how busy the machine is; the flag is taken back in the end, as code is taken only under the flags that it was made under.
'use strict';
const { mkdirSync, writeFileSync } = require('node:fs');
const v8 = require('node:v8');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const { setFlagsFromString } = v8;
setFlagsFromString('--no-flush-bytecode');
v8.setFlagsFromString = () => undefined; // a run sets its own (src/run/engine.ts)

const folder = isMainThread ? process.argv[2] : workerData;
const { CODE_FOLDER, collect } = require(`${folder}/load.js`);
const scripts = collect();

process.once('exit', () => {
  setFlagsFromString('--flush-bytecode');
  mkdirSync(`${folder}/${CODE_FOLDER}`, { recursive: true });
  for (const [name, script] of scripts) writeFileSync(`${folder}/${CODE_FOLDER}/${name}.bin`, script.createCachedData());
});

if (isMainThread) {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const worker = new Worker(__filename, { workerData: folder });
  process.argv.splice(1, 2, 'scoreline');
  require(`${folder}/scoreline.js`).main(process, worker);
} else {
  require(`${folder}/worker.js`);
}
