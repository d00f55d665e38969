import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, scoreline, tempFolder } from '../support/command.js';

const CANARY = /canary|314159265/;

describe('no value of a row leaves by the back door', () => {
  test.each([
    ['single', 'id,x\ncanary-id,1\ncanary-two,canary-cell\n"canary"three,3\n', []],
    ['throws-on-string', 'id,color\ncanary,red\nb,canary-color\nc,blue\n', []],
    ['throws', 'id,index\ncanary,1\nb,314159265\n', []],
    ['throws', 'id,index\ncanary,1\nb,314159265\n', ['--log-format', 'json']],
  ])('%s: not in the journal, not on stderr; in the rejects file, where it belongs', async (model, text, flags) => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    const output = join(folder, 'out.csv');
    writeFileSync(input, text);
    const run = await scoreline(['score', '-m', fixture('types', `${model}.onnx`), input, '-o', output, ...flags]);
    expect(run.status).toBe(65);
    expect(run.stderr).not.toMatch(CANARY);
    expect(readFileSync(`${output}.journal.jsonl`, 'utf8')).not.toMatch(CANARY);
    expect(readFileSync(`${output}.rejects.csv`, 'utf8')).toMatch(CANARY);
    const loud = await scoreline(['score', '-m', fixture('types', `${model}.onnx`), input, '-o', output, ...flags, '-v']);
    expect(loud.stderr).toMatch(CANARY); // asked for
  });

  test('nor by what others are told of the run: metrics, lineage, the system log', async () => {
    const folder = tempFolder();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('in.csv'), 'id,color\ncanary-id,canary-color\n"canary"two,314159265\n');
    writeFileSync(at('logger'), `#!/bin/sh\necho "$@" >> ${at('log')}\n`, { mode: 0o755 });
    const told = ['--metrics', at('m.prom'), '--openlineage', at('lineage.jsonl'), '--syslog', 'always'];
    const args = ['score', '-m', fixture('types', 'throws-on-string.onnx'), at('in.csv'), '-o', at('out.csv'), ...told];
    const run = await scoreline(args, { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
    expect(run.status).toBe(65);
    for (const name of ['m.prom', 'lineage.jsonl', 'log']) {
      expect(readFileSync(at(name), 'utf8').length, name).toBeGreaterThan(100);
      expect(readFileSync(at(name), 'utf8'), name).not.toMatch(CANARY);
    }
  });

  test('a first line that is no header is data: it is not told either', async () => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    writeFileSync(input, 'canary-id,canary-name,1990\nb,c,2\n');
    const run = await scoreline(['score', '-m', fixture('types', 'single.onnx'), input, '-o', join(folder, 'out.csv')]);
    expect(run.status).toBe(65);
    expect(run.stderr).not.toMatch(CANARY);
    expect(readFileSync(join(folder, 'out.csv.journal.jsonl'), 'utf8')).not.toMatch(CANARY);
  });
});
