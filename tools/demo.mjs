// The main job on bundled real data: 12,000 people of the Adult data set, scored by a scikit-learn pipeline. What `npm start` shows.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build', 'demo');
const output = join(folder, 'adult.scored.csv');
const show = (path) => relative(process.cwd(), path) || '.';

mkdirSync(folder, { recursive: true });
const args = [
  'score',
  '-m',
  'fixtures/adult/adult.onnx',
  'fixtures/adult/adult.csv',
  '-o',
  show(output),
  '--keep',
  'age,education,occupation,income',
];
process.stdout.write(`$ scoreline ${args.join(' ')}\n`);
const run = spawnSync(process.execPath, [join(root, 'bin', 'scoreline.js'), ...args, '-v', '--progress', 'always'], { cwd: root, stdio: 'inherit' });
if (run.status !== 0) {
  process.exitCode = run.status ?? 1;
} else {
  const rows = parse(readFileSync(output), { to_line: 9, trim: true });
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  process.stdout.write(`\nThe first predictions (${show(output)}):\n`);
  for (const row of rows)
    process.stdout.write(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}\n`,
    );
  process.stdout.write(`\nThe journal of the run: ${show(output)}.journal.jsonl\n`);
}
