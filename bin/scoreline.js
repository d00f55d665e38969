#!/usr/bin/env node
// Starts the built command line, nothing else. Plain old JavaScript up to the import, so that an old Node gets as far as the message. CommonJS (as
// bin/package.json says): loading Node's ES module loader as well takes 4 ms.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 12)) {
  process.stderr.write(`scoreline: error: Node 20.12 or newer is needed, found ${process.versions.node}\n`);
  process.exitCode = 78;
} else {
  // The runtime's telemetry heeds only what the environment says before it is loaded anywhere.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  leaveDeletedFolder();
  start().catch(tooFewFiles);
}

/**
 * From a folder that was deleted Node starts no thread. No relative path leads anywhere from there, and none may lead to something now: so it goes on from a folder
 * that has no file of anybody's, and where none can be made.
 */
function leaveDeletedFolder() {
  try {
    process.cwd();
  } catch {
    try {
      process.chdir('/proc/self/ns');
    } catch {
      // without /proc: what needs the folder says so
    }
  }
}

async function start() {
  if (!isPrebuilt()) return (await import('../dist/cli/main.js')).main(process);
  const ahead = scores(process.argv.slice(2)) ? startWorker() : undefined;
  try {
    return require('../dist/prebuilt/scoreline.js').main(process, ahead); // which never throws
  } catch (error) {
    ahead?.unref();
    throw error;
  }
}

/** Will the command line, as it looks, score something in this process? */
function scores([command, ...args]) {
  return command === 'score' && args.length > 0 && !args.includes('--help') && !args.includes('-h') && !isSupervised(args);
}

/** Limits on time and memory are kept by this process while another scores. */
function isSupervised(args) {
  const { SCORELINE_DEADLINE, SCORELINE_MAX_MEMORY } = process.env;
  return Boolean(SCORELINE_DEADLINE || SCORELINE_MAX_MEMORY) || args.some((arg) => /^--(deadline|max-memory)(=|$)/.test(arg));
}

/** The first scoring worker: it loads the runtime while this thread reads its own code. Where no thread can be had now, the run finds out and says so. */
function startWorker() {
  const { Worker } = require('node:worker_threads');
  try {
    return new Worker(`${__dirname}/../dist/prebuilt/worker.js`, { name: 'scoreline-0' }).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

/** Where hardly a file may be opened the command line itself cannot be read. Later on it says so by itself. */
function tooFewFiles(error) {
  // A newer Node calls a package.json that it may not open an invalid one.
  if (!['EMFILE', 'ENFILE', 'ERR_INVALID_PACKAGE_CONFIG'].includes(error.code)) throw error;
  process.stderr.write(
    `scoreline: error: the process may not open enough files (${error.code})\n  to do: Raise the limit, in the shell: ulimit -n 1024\n  code:  too-many-open-files (exit status 74)\n`,
  );
  process.exitCode = 74;
}

/** Are the joined files there, and no older than the modules? In a clone the compiler may have run by itself; a package has no build info. */
function isPrebuilt() {
  const { statSync } = require('node:fs');
  const changed = (path) => statSync(`${__dirname}/../dist/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const prebuilt = changed('prebuilt/package.json');
  return prebuilt > 0 && prebuilt >= changed('.tsbuildinfo');
}
