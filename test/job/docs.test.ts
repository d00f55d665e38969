import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { JOB_FLAGS } from '#src/cli/job-keys.js';
import { SCORE_FLAGS } from '#src/cli/flags.js';
import { keyOf } from '#src/cli/flag.js';
import { plainValue } from '#src/files/yaml.js';
import { parseJobDocument } from '#src/job/document.js';
import { JOB_KEYS } from '#src/job/schema.js';
import { ROOT, scoreline, tempFolder } from '../support/command.js';
import { MODEL } from './folder.js';

const page = readFileSync(join(ROOT, 'docs', 'jobs.md'), 'utf8');
const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
const schema = JSON.parse(readFileSync(join(ROOT, 'docs', 'job.schema.json'), 'utf8')) as object;
const valid = new Ajv({ allowUnionTypes: true }).compile(schema);
const asObject = (text: string): unknown => Object.fromEntries(parseJobDocument(text, 'x').map(({ key, node }) => [key, plainValue(node)]));

describe('the job file of the manual', () => {
  test('runs as it stands', async () => {
    const folder = tempFolder();
    for (const name of ['models', 'inbox', 'scores', 'archive']) mkdirSync(join(folder, name));
    copyFileSync(MODEL, join(folder, 'models', 'churn.onnx'));
    writeFileSync(join(folder, 'nightly.yaml'), example);
    writeFileSync(join(folder, 'inbox', 'a.csv'), 'customer_id,x\n007,1\n');
    utimesSync(join(folder, 'inbox', 'a.csv'), 1e9, 1e9);
    const { status, stderr } = await scoreline(['run', 'nightly.yaml'], { cwd: folder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'scores', 'a.csv'), 'utf8')).toBe('customer_id,prediction\n007,3\n');
    expect(readdirSync(join(folder, 'inbox'))).toEqual([]);
  });

  test('is what the schema for editors takes, and a slip is not', () => {
    expect(valid(asObject(example)), JSON.stringify(valid.errors)).toBe(true);
    expect(valid(asObject(example.replace('maxRejects', 'maxReject')))).toBe(false);
    expect(valid(asObject(example.replace('{ new: 1', '{ new: none')))).toBe(false);
  });
});

test('the manual names every key of a job', () => {
  for (const key of JOB_KEYS) expect(page).toContain(`\`${key}\``);
});

test('every flag of score is a key of a job, but for those that mean nothing there', () => {
  const missing = SCORE_FLAGS.map(keyOf).filter((key) => !JOB_FLAGS.some((flag) => keyOf(flag) === key));
  expect(missing.filter((key) => !['spoolStdout', 'skipIfPublished', 'metrics', 'openlineage', 'syslog', 'fallbackOn'].includes(key))).toEqual([
    'fallback',
    'input',
    'output',
  ]);
});
