// Fuzzing: damaged CSV, Arrow and model bytes through the whole engine. No crash, hang, defect (status 70) or memory beyond the cap may come of any.
//
//   npm run fuzz                                  two minutes
//   npm run fuzz -- --minutes 60 --seed 7         an hour, another seed
//   npm run fuzz -- --only csv --from 1234 --count 1   one input again, by its number
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MEMORY_CAP_BYTES = 2 * 1024 ** 3;
const HANG_MS = 30_000;
const INPUTS_A_PROCESS = 400;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    count: { type: 'string' },
  },
});
const kinds = values.only === undefined ? ['csv', 'arrow', 'model'] : [values.only];
const until = Date.now() + Number(values.minutes) * 60_000;
const tally = Object.fromEntries(kinds.map((kind) => [kind, { inputs: 0, failures: 0, next: Number(values.from), peakBytes: 0 }]));

/** Runs some inputs in a process of their own; counts what went wrong. */
function runBatch(kind, count) {
  const entry = tally[kind];
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('fuzz/child.mjs', import.meta.url)), kind, values.seed, String(entry.next), String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let current = entry.next;
  let since = Date.now();
  let ended = false;
  const fail = (number, message) => {
    entry.failures++;
    process.stdout.write(
      `${kind} input ${number} of seed ${values.seed}: ${message}\n  again: npm run fuzz -- --only ${kind} --seed ${values.seed} --from ${number} --count 1\n`,
    );
  };
  const watch = setInterval(() => {
    const bytes = residentBytes(child.pid);
    entry.peakBytes = Math.max(entry.peakBytes, bytes);
    if (bytes > MEMORY_CAP_BYTES) stop(`${Math.round(bytes / 2 ** 20)} MB of memory`);
    else if (Date.now() - since > HANG_MS) stop(`no answer within ${HANG_MS / 1000} s`);
  }, 200);
  const stop = (why) => {
    if (ended) return;
    ended = true;
    fail(current, why);
    child.kill('SIGKILL');
  };
  let text = '';
  child.stdout.on('data', (piece) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      since = Date.now();
      if ('begin' in message) [current, entry.inputs] = [message.begin, entry.inputs + 1];
      if ('failed' in message) fail(message.failed, message.message);
      if ('done' in message) ended = true;
    }
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (!ended) fail(current, `the process died: ${signal ?? `status ${code}`}`);
      entry.next = current + 1;
      resolve();
    });
  });
}

function residentBytes(pid) {
  try {
    const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it is gone, or this is not Linux
  }
}

if (values.count !== undefined) await runBatch(kinds[0], Number(values.count));
else while (Date.now() < until) for (const kind of kinds) if (Date.now() < until) await runBatch(kind, INPUTS_A_PROCESS);

const failures = Object.values(tally).reduce((sum, { failures }) => sum + failures, 0);
for (const [kind, { inputs, failures, peakBytes }] of Object.entries(tally))
  process.stdout.write(`${kind}: ${inputs} inputs, ${failures} failures, ${Math.round(peakBytes / 2 ** 20)} MB at most\n`);
process.exitCode = failures === 0 ? 0 : 1;
