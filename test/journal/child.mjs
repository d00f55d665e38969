// Appends to one journal from a process of its own: child.mjs JOURNAL RUNS. Each run is a START and a FAIL. How it ended is its exit status.
import { randomBytes } from 'node:crypto';
import { openJournal } from '#src/journal/writer.js';
import { runId } from '#src/journal/run-id.js';

const [path, runs] = process.argv.slice(2);
try {
  const journal = await openJournal(path, { lockWaitMs: 60_000 });
  for (let i = 0; i < Number(runs); i++) {
    const run = runId(Date.now(), randomBytes(10));
    await journal.append({ kind: 'START', run, record: { labels: { pid: String(process.pid) } } });
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
