import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openMetrics } from '#src/sinks/metrics/metrics.js';
import { COMMAND, fixture, ROOT, tempFolder } from '../support/command.js';
import { hasTool, toolPath } from '../support/tools.js';
import { committed, PATIENT, started } from '../sinks/records.js';

/* docs/monitoring.md, run as it stands there: only the places are others. */
const PAGE = readFileSync(join(ROOT, 'docs', 'monitoring.md'), 'utf8');
const BLOCKS = new Map([...PAGE.matchAll(/<!-- block: ([\w-]+) -->\n^```\w+\n([^]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text]));

let folder: string;
beforeEach(() => {
  folder = tempFolder();
  for (const name of ['bin', 'srv', 'srv/inbox', 'srv/scores', 'prom']) mkdirSync(join(folder, name));
  symlinkSync(COMMAND, join(folder, 'bin', 'scoreline'));
  symlinkSync(process.execPath, join(folder, 'bin', 'node'));
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'srv', 'churn.onnx'));
  writeFileSync(join(folder, 'srv', 'in.csv'), 'id,x\na,1\n');
});

function block(name: string): string {
  const text = BLOCKS.get(name);
  if (text === undefined) throw new Error(`docs/monitoring.md has no block '${name}'`);
  return text.replaceAll('/srv/churn', join(folder, 'srv')).replaceAll('/var/lib/prometheus/node-exporter', join(folder, 'prom'));
}

function sh(text: string) {
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], { cwd: '/', env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const QUIET = { status: 0, stdout: '', stderr: '' };
const metrics = (): string => readFileSync(join(folder, 'prom', 'churn.prom'), 'utf8');

test('every block of the page is run here', () => {
  const tested = [...readFileSync(import.meta.filename, 'utf8').matchAll(/block\('([\w-]+)'\)/g)].map(([, name]) => name);
  expect([...new Set(tested)].sort()).toEqual([...BLOCKS.keys()].sort());
});

test('the table has every metric with its labels, and no other', async () => {
  const file = join(folder, 'all.prom');
  const sink = openMetrics(file);
  await sink.jobBegun?.({ run: 'r', job: 'nightly', at: '2026-11-22T02:15:00Z' }, PATIENT);
  await sink.tell(started(), PATIENT);
  await sink.tell(committed(), PATIENT);
  await sink.jobEnded?.(
    { at: '2026-11-22T02:15:04Z', status: 0, seconds: 4, inputs: { published: 1, failed: 0, waiting: 0, untried: 0, known: 0 } },
    PATIENT,
  );
  const written = [...readFileSync(file, 'utf8').matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| `scoreline_'));
  expect(rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)).sort()).toEqual(written.sort());
});

test('the job tells all three', () => {
  writeFileSync(join(folder, 'srv', 'churn.yaml'), block('job'));
  writeFileSync(join(folder, 'srv', 'inbox', 'monday.csv'), 'id,x\na,1\n');
  utimesSync(join(folder, 'srv', 'inbox', 'monday.csv'), 1e9, 1e9);
  expect(sh(`scoreline run ${folder}/srv/churn.yaml`)).toEqual(QUIET);
  expect(metrics()).toContain('scoreline_run_scored_rows{job="churn",model="churn"} 1\n');
  expect(metrics()).toContain('scoreline_job_inputs{job="churn",state="published"} 1\n');
  expect(readFileSync(join(folder, 'srv', 'lineage.jsonl'), 'utf8').split('\n')).toHaveLength(5);
});

describe('Prometheus', () => {
  test('the command writes the file, and prints nothing', () => {
    expect(sh(block('metrics'))).toEqual(QUIET);
    expect(metrics()).toContain('scoreline_run_success{job="churn",model="churn"} 1\n');
  });

  test.runIf(hasTool('promtool'))('promtool takes the rules, and each speaks of metrics that there are', () => {
    const rules = join(folder, 'rules.yml');
    writeFileSync(rules, block('alerts'));
    const { status, stdout, stderr } = spawnSync(toolPath('promtool') ?? '', ['check', 'rules', rules], { encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('4 rules found')]);
    for (const [name] of block('alerts').matchAll(/scoreline_\w+/g)) expect(PAGE).toContain(`\`${name}\``);
  });
});

test('the lineage is appended, and read by jq', () => {
  expect(sh(block('lineage'))).toEqual(QUIET);
  writeFileSync(join(folder, 'srv', 'in.csv'), 'id,x\na,z\n');
  expect(sh(block('lineage')).status).toBe(65);
  if (!hasTool('jq')) return;
  const { stdout } = sh(block('lineage-read'));
  expect(stdout.split('\n')).toEqual([expect.stringMatching(/Z\tscores\tCOMPLETE\t$/), expect.stringMatching(/Z\tscores\tFAIL\t1 of 1 row was rejected.*\(too-many-rejects\)$/), '']);
}); // prettier-ignore

test('the system log gets its line by logger', () => {
  writeFileSync(join(folder, 'bin', 'logger'), `#!/bin/sh\necho "$@" >> ${folder}/log\n`);
  chmodSync(join(folder, 'bin', 'logger'), 0o755);
  expect(sh(block('syslog'))).toEqual(QUIET);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toMatch(
    /^-t scoreline -p user\.info -- event=published run=\S+ job=scores model=churn status=0 rows=1 /,
  );
});

test('the report is one page about the last run', () => {
  expect(sh(block('lineage'))).toEqual(QUIET);
  expect(sh(block('report'))).toEqual(QUIET);
  expect(readFileSync(join(folder, 'srv', 'report.html'), 'utf8')).toContain('<h1>churn.onnx on in.csv</h1>');
});

test('behind a job the report is made whatever became of it, and the status is that of the job', () => {
  writeFileSync(join(folder, 'srv', 'churn.yaml'), 'model: churn.onnx\ninput: inbox/*.csv\noutput: scores/{stem}.csv\nkeep: [id]\n');
  writeFileSync(join(folder, 'srv', 'inbox', 'bad.csv'), 'id,y\na,1\n');
  expect(sh(block('report-after')).status).toBe(65);
  expect(readFileSync(join(folder, 'srv', 'report.html'), 'utf8')).toContain('Failed: ');
});
