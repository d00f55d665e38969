// Preloaded (--import) into a process that is to die half-way: with KILL_AT=N it is killed before its Nth operation that changes a file; with KILL_LOG=FILE
// the operations are listed there instead, one a line. With KILL_BEFORE=OPERATION a forked process, and first the one that has forked it, is killed before that operation. The main thread's calls of node:fs/promises and of FileHandles count; nothing else of ours changes files.
import { appendFileSync, constants, promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const killAt = Number(process.env.KILL_AT ?? 0);
const log = process.env.KILL_LOG;
const killBefore = process.send === undefined ? undefined : process.env.KILL_BEFORE;
let count = 0;

function operation(name) {
  count++;
  if (log !== undefined) appendFileSync(log, `${name}\n`);
  if (name === killBefore) {
    process.kill(process.ppid, 'SIGKILL');
    process.kill(process.pid, 'SIGKILL');
  }
  if (count === killAt) process.kill(process.pid, 'SIGKILL');
}

function watch(holder, name, about = () => '') {
  const plain = holder[name];
  holder[name] = function (...args) {
    const what = about(...args);
    if (what !== undefined) operation(`${name} ${what}`.trim());
    return plain.apply(this, args);
  };
}

if (isMainThread) {
  const named = (path) => basename(String(path)).replace(/[0-9a-f]{12}/, 'XXXX');
  const handle = await promises.open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ['write', 'sync', 'datasync', 'truncate', 'chmod']) watch(prototype, name);
  for (const name of ['rename', 'link', 'unlink', 'writeFile']) watch(promises, name, named);
  watch(promises, 'open', (path, flags) => (typeof flags === 'number' && (flags & constants.O_CREAT) !== 0 ? named(path) : undefined));
  syncBuiltinESMExports();
}
