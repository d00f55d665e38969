import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixture } from '../support/command.js';
import { jobFolder, scores } from './folder.js';

const RULES = `version: scoreline.rules/1
columns: { x: number }
outputs: { prediction: number }
rules:
  - then: { prediction: 7 }
`;
const GIVEN = 'id,prediction\nr0,7\n';

describe('a job with a fallback', () => {
  test('publishes what the fallback scored, once, with status 3; status warns until the model scores again', async () => {
    const job = jobFolder(['model: churn.onnx', 'fallback: safe.rules.yaml']);
    writeFileSync(job.file('churn.onnx'), 'no model');
    writeFileSync(job.file('safe.rules.yaml'), RULES);
    job.input('a.csv', 1);
    const first = await job.run('-v');
    expect(first.status).toBe(3);
    expect(first.stderr).toContain('[fallback-scored]');
    expect(job.read('scores/a.csv')).toBe(GIVEN);
    expect(job.journal()).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
    const [published] = job.ledger().filter(({ kind }) => kind === 'published');
    expect(published).toMatchObject({ fallback: { model: job.file('safe.rules.yaml'), why: 'not-a-model', rows: 1 } });
    expect(job.ledger().some(({ kind }) => kind === 'failed')).toBe(false);
    expect(await job.run()).toMatchObject({ status: 0, stderr: '' }); // it is published
    const status = await job.command(['status', job.job]);
    expect(status.status).toBe(1);
    expect(status.stdout.toString()).toMatch(/^SCORELINE WARNING - nightly: .*a\.csv was scored by the fallback .*safe\.rules\.yaml \[not-a-model\]/);

    writeFileSync(job.file('churn.onnx'), readFileSync(fixture('types', 'single.onnx')));
    job.input('b.csv', 5);
    expect(await job.run()).toMatchObject({ status: 0 });
    expect(job.read('scores/b.csv')).toBe(scores([5]));
    expect(await job.command(['status', job.job])).toMatchObject({ status: 0 });
    expect(await job.run('--rescore')).toMatchObject({ status: 0 });
    expect(job.read('scores/a.csv')).toBe(scores([1]));
  }, 60_000);

  test('of which the fallback scored single rows counts them, and status warns of them until the model scores all rows again', async () => {
    const job = jobFolder(['fallback: safe.rules.yaml', 'scoredBy: by']);
    writeFileSync(job.file('throws.onnx'), readFileSync(fixture('types', 'throws.onnx')));
    writeFileSync(job.job, job.read('nightly.yaml').replace(/^model: .*$/m, 'model: throws.onnx'));
    writeFileSync(job.file('safe.rules.yaml'), RULES.replaceAll('x:', 'index:'));
    writeFileSync(job.file('inbox/a.csv'), 'id,index\nr0,1\nr1,9\nr2,77\n'); // it throws at 5 and more
    expect(await job.run()).toMatchObject({ status: 3 });
    expect(job.read('scores/a.csv')).toMatch(/^id,prediction,by\nr0,\d+,model\nr1,7,fallback\nr2,7,fallback\n$/);
    const [published] = job.ledger().filter(({ kind }) => kind === 'published');
    expect(published).toMatchObject({ fallback: { why: 'rows', rows: 2 } });
    const status = await job.command(['status', job.job, '--json']);
    expect(status.status).toBe(1);
    const health = JSON.parse(status.stdout.toString()) as { reasons: string[]; byFallback: object };
    expect(health.byFallback).toEqual({ inputs: 1, rows: 2 });
    expect(health.reasons).toEqual([`2 rows of ${job.file('inbox/a.csv')} scored by the fallback [rows]`]);

    writeFileSync(job.file('inbox/b.csv'), 'id,index\nr0,1\n');
    expect(await job.run()).toMatchObject({ status: 0 });
    expect(await job.command(['status', job.job])).toMatchObject({ status: 0 });
  }, 60_000);

  test('falls back for the causes that are named alone, and ends with another status where that is asked for', async () => {
    const keys = ['model: churn.onnx', 'fallback:', '  model: safe.rules.yaml', '  on: [rows, load]', 'scoredBy: by', 'warnStatus: 0'];
    const job = jobFolder(keys);
    writeFileSync(job.file('churn.onnx'), 'no model');
    writeFileSync(job.file('safe.rules.yaml'), RULES);
    job.input('a.csv', 1);
    expect(await job.run('--warn-status', '9')).toMatchObject({ status: 9 });
    expect(job.read('scores/a.csv')).toBe('id,prediction,by\nr0,7,fallback\n');
    job.input('b.csv', 1);
    expect(await job.run()).toMatchObject({ status: 0, stderr: '' });

    const other = jobFolder(keys.map((line) => line.replace('[rows, load]', '[crash]')));
    writeFileSync(other.file('churn.onnx'), 'no model');
    writeFileSync(other.file('safe.rules.yaml'), RULES);
    other.input('a.csv', 1);
    expect(await other.run()).toMatchObject({ status: 69 });
  }, 60_000);

  test('is refused with the line at fault where its fallback says what cannot be', async () => {
    for (const [lines, said] of [
      [['fallback:', '  model: a.yaml', '  on: [rain]'], 'a list of load, contract, gate, rows, crash, deadline'],
      [['fallback: 3'], 'expected a file'],
      [['fallback: a.yaml', 'fallbackOn: rows'], 'it stands in fallback'],
    ] as const) {
      const job = jobFolder(lines);
      const run = await job.run();
      expect(run.status).toBe(78);
      expect(run.stderr).toContain(said);
      expect(run.stderr).toMatch(/line \d+/);
    }
  });
});
