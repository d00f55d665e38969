// Appends to one journal from a process of its own: child.mjs JOURNAL RUNS. Each run is a START and a FAIL. How it ended is its exit status.
import { randomBytes } from 'node:crypto';
import { openJournal } from '#src/journal/writer.js';
import { runId } from '#src/journal/run-id.js';

/** As far as a run that failed early knows. */
const START = {
  versions: { scoreline: '0.1.0', node: process.versions.node, runtime: '1.30.0' },
  options: {},
  labels: { pid: String(process.pid) },
  model: { path: 'm.onnx', sha256: null, bytes: null, producer: null, family: null },
  contract: null,
  input: { path: 'in.csv', bytes: null, format: null },
  output: { path: 'out.csv', format: null },
  plan: null,
};

const [path, runs] = process.argv.slice(2);
try {
  const journal = await openJournal(path, { lockWaitMs: 60_000 });
  for (let i = 0; i < Number(runs); i++) {
    const run = runId(Date.now(), randomBytes(10));
    await journal.append({ kind: 'START', run, record: START });
    await journal.append({
      kind: 'FAIL',
      run,
      record: { error: { code: 'interrupted', status: 130, message: 'x'.repeat(200), place: {}, fix: null } },
    });
  }
} catch (error) {
  process.stderr.write(`${error.code} ${error.message}\n`);
  process.exitCode = error.status ?? 70;
}
