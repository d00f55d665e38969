import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EndFacts } from '#src/sinks/event.js';
import { exitStatus } from '#src/sinks/exit-status.js';
import { formatFamilies, sampleOf, splitFamilies } from '#src/sinks/metrics/exposition.js';
import { openMetrics } from '#src/sinks/metrics/metrics.js';
import { hasTool, toolPath } from '../support/tools.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';
import { committed, ENDED, failed, FULL, NASTY, PATIENT, RUN, START, started } from './records.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, 'churn.prom');
});

/** What promtool has to say of a file; nothing where it is right. */
function promtool(text: string): string {
  const { status, stdout, stderr } = spawnSync(toolPath('promtool') ?? '', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}` : `status ${status}: ${stdout}${stderr}`;
}

const read = (): string => readFileSync(file, 'utf8');
const seconds = (at: string): number => Date.parse(at) / 1e3;
const LATER = '2026-11-23T02:15:03.500Z';

async function tell(...events: readonly Parameters<ReturnType<typeof openMetrics>['tell']>[0][]): Promise<void> {
  const sink = openMetrics(file);
  for (const event of events) await sink.tell(event, PATIENT);
}

describe('the text of metrics', () => {
  test('labels and help are escaped, and values written as Prometheus reads them', () => {
    const values = [1, 0.1, 1e21, Number.NaN, Infinity, -Infinity];
    const text = formatFamilies([{ name: 'm', help: 'a \\ b\nc', samples: values.map((value) => ({ labels: { l: NASTY }, value })) }]);
    expect(text).toBe(
      `# HELP m a \\\\ b\\nc\n# TYPE m gauge\n${['1', '0.1', '1e+21', 'NaN', '+Inf', '-Inf'].map((value) => `m{l="a \\"b\\"\\\\c\\nd, e=f}\u2028 #"} ${value}\n`).join('')}`,
    );
  });

  test('what was written is found again by name and label, and by no other label', () => {
    const family = {
      name: 'm',
      help: 'h',
      samples: [
        { labels: { job: 'x,job="y' }, value: 1 },
        { labels: { model: 'm', job: 'y' }, value: 2.5 },
      ],
    };
    const split = splitFamilies(formatFamilies([family, { ...family, name: 'n' }]));
    expect([...split.keys()]).toEqual(['m', 'n']);
    expect(sampleOf(split.get('m'), { job: 'y' })).toBe(2.5);
    expect(sampleOf(split.get('m'), { job: 'x,job="y' })).toBe(1);
    expect(sampleOf(split.get('m'), { job: 'z' })).toBeUndefined();
  });
});

describe('the file of metrics', () => {
  test.runIf(hasTool('promtool'))('promtool has nothing to say of a run with everything, of one that failed, and of a job', async () => {
    const sink = openMetrics(file);
    await sink.jobBegun?.({ run: RUN, job: 'nightly', at: ENDED }, PATIENT);
    await sink.tell(started(), PATIENT);
    await sink.tell(committed(), PATIENT);
    await sink.jobEnded?.({ at: ENDED, status: 3, seconds: 4, inputs: { published: 1, failed: 0, waiting: 2, untried: 0, known: 9 } }, PATIENT);
    expect(promtool(read())).toBe('');
    await sink.tell(started(), PATIENT);
    await sink.tell(failed(), PATIENT);
    expect(promtool(read())).toBe('');
    // the control: a name against the conventions is noticed
    expect(promtool(read().replaceAll('scoreline_run_success', 'scoreline_run_success_total'))).toContain('_total');
  });

  test('has rows, codes, columns, drift, gates, stages, memory and times of the run', async () => {
    await tell(started(), committed());
    const families = splitFamilies(read());
    const value = (name: string, labels = {}): number | undefined =>
      sampleOf(families.get(`scoreline_${name}`), { job: 'nightly', model: 'churn', ...labels });
    expect(value('run_success')).toBe(1);
    expect(value('run_exit_status')).toBe(3);
    expect([value('run_input_rows'), value('run_scored_rows'), value('run_rejected_rows'), value('run_fallback_rows')]).toEqual([100, 97, 3, 5]);
    expect(value('run_rejected_rows_by_code', { code: 'not-a-number' })).toBe(2);
    expect(value('run_missing_values', { column: NASTY })).toBe(4);
    expect(value('run_unseen_values', { column: 'city' })).toBe(7);
    expect(value('run_out_of_range_values', { column: 'age' })).toBe(3);
    expect(value('run_drift_psi', { column: 'age', kind: 'feature' })).toBe(0.31);
    expect(value('run_drift_psi', { column: 'probability_yes', kind: 'score' })).toBe(0.02);
    expect(value('run_gate_passed', { gate: 'psi', column: 'age', level: 'warn' })).toBe(0);
    expect(value('run_gate_passed', { gate: 'rejects', level: 'withhold' })).toBe(1);
    expect(value('run_predicted_rows', { column: 'prediction', label: 'yes' })).toBe(40);
    expect(value('run_kpi', { kpi: 'share above 0.5' })).toBe(0.4);
    expect(value('run_stage_duration_seconds', { stage: 'score' })).toBe(2.25);
    expect(value('run_stage_duration_seconds', { stage: 'total' })).toBeUndefined();
    expect(value('run_cpu_seconds', { mode: 'user' })).toBe(4.5);
    expect(value('run_peak_memory_bytes')).toBe(170_000_000);
    expect(value('last_success_timestamp_seconds')).toBe(seconds(ENDED));
  });

  test.each<[string, EndFacts, number]>([
    ['a gate that could not be judged', { gates: [{ name: 'psi', column: 'age', value: null, min: null, max: 0.25, level: 'warn', verdict: 'unknown' }] }, 3],
    ['an expired contract', { warnings: [{ code: 'contract-expired', message: '', count: 1 }] }, 3],
    ['another warning', { warnings: [{ code: 'data-gap', message: '', count: 1 }] }, 0],
  ])('the status with %s is that of the command', (_, record, status) => {
    expect(exitStatus(record)).toBe(status);
  }); // prettier-ignore

  test('a run that fails keeps the time of the last success of its job, and nothing else of it', async () => {
    await tell(started(), committed());
    await tell(started(), failed('deadline', 124, LATER));
    const families = splitFamilies(read());
    expect(sampleOf(families.get('scoreline_last_success_timestamp_seconds'), { job: 'nightly' })).toBe(seconds(ENDED));
    expect(sampleOf(families.get('scoreline_run_end_timestamp_seconds'), {})).toBe(seconds(LATER));
    expect(sampleOf(families.get('scoreline_run_exit_status'), {})).toBe(124);
    expect(families.has('scoreline_run_input_rows')).toBe(false);
    await tell(started({ ...START, labels: { job: 'other' } }), failed());
    expect(splitFamilies(read()).has('scoreline_last_success_timestamp_seconds')).toBe(false);
  });

  test('a run of a job with nothing to do says so, and leaves the last run of an input as it was', async () => {
    await tell(started(), committed());
    const before = splitFamilies(read());
    const sink = openMetrics(file);
    await sink.jobBegun?.({ run: RUN, job: 'nightly', at: LATER }, PATIENT);
    await sink.jobEnded?.({ at: LATER, status: 0, seconds: 0.1, inputs: { published: 0, failed: 0, waiting: 0, untried: 0, known: 9 } }, PATIENT);
    const after = splitFamilies(read());
    for (const [name, text] of before) expect(after.get(name)).toBe(text);
    expect(sampleOf(after.get('scoreline_job_last_success_timestamp_seconds'), { job: 'nightly' })).toBe(seconds(LATER));
    expect(sampleOf(after.get('scoreline_job_inputs'), { job: 'nightly', state: 'published' })).toBe(0);
  });

  test('has at most 1,000 columns in a family: those with the most', async () => {
    const missing = Array.from({ length: 1500 }, (_, at) => ({ column: `c${at}`, rows: at + 1 }));
    await tell(started(), committed({ ...FULL, missing }));
    const lines = splitFamilies(read()).get('scoreline_run_missing_values')?.split('\n').filter((line) => line.startsWith('scoreline_')) ?? []; // prettier-ignore
    expect(lines).toHaveLength(1000);
    expect(lines.at(-1)).toMatch(/column="c1499"\} 1500$/);
  });

  test('is readable by everybody whatever the umask, and leaves nothing beside it; what a killed writer left long ago goes', async () => {
    const left = join(folder, '.churn.prom.swap-0011223344556677');
    writeFileSync(left, 'half');
    const umask = process.umask(0o077);
    try {
      await tell(started(), committed());
      expect(readdirSync(folder).sort()).toEqual(['.churn.prom.swap-0011223344556677', 'churn.prom']);
      utimesSync(left, 1e9, 1e9);
      await tell(started(), committed());
    } finally {
      process.umask(umask);
    }
    expect(readdirSync(folder)).toEqual(['churn.prom']);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test('in a folder each job has its own, whatever it is called', async () => {
    file = folder;
    await tell(started(), committed());
    await tell(started({ ...START, labels: { job: 'a/../b c' } }), committed());
    expect(readdirSync(folder).sort()).toEqual(['scoreline-a_.._b_c.prom', 'scoreline-nightly.prom']);
  });

  test('no other file is ever replaced', async () => {
    writeFileSync(file, 'id,x\n1,2\n');
    await expect(tell(started(), committed())).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect(read()).toBe('id,x\n1,2\n');
    expect(readdirSync(folder)).toEqual(['churn.prom']);
  });

  test('a reader sees one whole file or the other while writers race', async () => {
    const torn: string[] = [];
    let over = false as boolean;
    const reader = (async () => {
      while (!over) {
        const text = await import('node:fs/promises').then(({ readFile }) => readFile(file, 'utf8').catch(() => ''));
        if (text !== '' && !/^# Written[^]*peak_memory_bytes\{[^\n]* 170000000\n$/.test(text)) torn.push(text);
      }
    })();
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 10; round++) await tell(started(), committed());
    })); // prettier-ignore
    over = true;
    await reader;
    expect(torn).toEqual([]);
    expect(readdirSync(folder)).toEqual(['churn.prom']);
  });
});

describe('score --metrics', () => {
  const MODEL = fixture('types', 'single.onnx');
  const run = (...args: string[]) => scoreline(['score', '-m', MODEL, 'in.csv', '-o', 'out.csv', ...args], { cwd: folder });

  test('writes what the run did; success still prints nothing', async () => {
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\nb,z\nc,\n');
    expect(await run('--max-rejects', '1', '--metrics', file, '--tag', 'job=churn')).toMatchObject({ status: 0, stderr: '' });
    const families = splitFamilies(read());
    expect(sampleOf(families.get('scoreline_run_scored_rows'), { job: 'churn', model: 'single' })).toBe(2);
    expect(sampleOf(families.get('scoreline_run_rejected_rows_by_code'), { code: 'not-a-number' })).toBe(1);
    expect(sampleOf(families.get('scoreline_run_missing_values'), { column: 'x' })).toBe(1);
  });

  test('also of a run that failed before it began to score, without a journal, and of one whose journal cannot be written', async () => {
    expect(await run('--metrics', file, '--no-journal')).toMatchObject({ status: 66 });
    expect(sampleOf(splitFamilies(read()).get('scoreline_run_exit_status'), { job: 'out' })).toBe(66);
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    mkdirSync(join(folder, 'journal'));
    const { status } = await run('--metrics', file, '--journal', 'journal');
    expect(status).toBe(73);
    expect(sampleOf(splitFamilies(read()).get('scoreline_run_exit_status'), { job: 'out' })).toBe(73);
  });

  test('what cannot be written is a warning, and the run has not failed', async () => {
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    const { status, stderr } = await run('-v', '--metrics', 'nowhere/x.prom');
    expect(status).toBe(0);
    expect(stderr).toContain('warning: nowhere/x.prom was not told of the run: its folder does not exist [metrics-failed]');
  });

  test('a command line that is wrong, and a file that the run reads or writes, are refused with 64, and nothing is written', async () => {
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    for (const path of ['in.csv', 'out.csv', MODEL, 'out.csv.journal.jsonl', './x/../out.csv.rejects.csv']) {
      mkdirSync(join(folder, 'x'), { recursive: true });
      expect(await run('--metrics', path), path).toMatchObject({ status: 64 });
    }
    expect(await run('--metrics', file, '--openlineage', file)).toMatchObject({ status: 64 });
    expect(await run('--metrics', file, '--bogus')).toMatchObject({ status: 64 });
    expect(readdirSync(folder).sort()).toEqual(['in.csv', 'x']);
  });
});
