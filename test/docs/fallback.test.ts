import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, fixture, ROOT, tempFolder } from '../support/command.js';
import { hasTool } from '../support/tools.js';

/* docs/fallback.md, run as it stands there, in a folder that has what it speaks of. */
const PAGE = readFileSync(join(ROOT, 'docs', 'fallback.md'), 'utf8');
const BLOCKS = new Map([...PAGE.matchAll(/<!-- block: ([\w-]+) -->\n^```\w+\n([^]*?)^```$/gm)].map(([, name, text]) => [name, text ?? '']));

function block(name: string): string {
  const text = BLOCKS.get(name);
  if (text === undefined) throw new Error(`docs/fallback.md has no block '${name}'`);
  return text;
}

function folderOfPage(): {
  readonly sh: (name: string) => { status: number | null; stdout: string; stderr: string };
  readonly read: (name: string) => string;
} {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('bin'));
  symlinkSync(COMMAND, at('bin/scoreline'));
  symlinkSync(process.execPath, at('bin/node'));
  copyFileSync(fixture('types', 'throws.onnx'), at('churn.onnx'));
  writeFileSync(at('broken.onnx'), readFileSync(at('churn.onnx')).subarray(0, 20));
  writeFileSync(at('customers.csv'), 'id,index\na,0\nb,4\nc,5\n');
  writeFileSync(at('safe.rules.yaml'), block('rules'));
  const env = { PATH: `${at('bin')}:/usr/bin:/bin` };
  return {
    sh: (name) => spawnSync('/bin/sh', ['-c', block(name)], { cwd: folder, env, encoding: 'utf8' }),
    read: (name) => readFileSync(at(name), 'utf8'),
  };
}

describe('docs/fallback.md', () => {
  test('shows what the fallback gives for rows that the model throws at', () => {
    const { sh, read } = folderOfPage();
    expect(sh('rows')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('1 row that the model could not score was scored by the fallback safe.rules.yaml') as string,
    });
    expect(read('scores.csv')).toBe(block('scores'));
  });

  test('shows what it gives where there is no model, and what the journal says then', () => {
    const { sh, read } = folderOfPage();
    expect(sh('broken').status).toBe(3);
    expect(read('scores.csv')).toBe(block('broken-scores'));
    const { fallback } = JSON.parse(read('scores.csv.journal.jsonl').trim().split('\n').at(-1) ?? '') as { fallback: Record<string, unknown> };
    expect(fallback).toMatchObject(JSON.parse(block('journal-says')) as object);
    if (hasTool('jq')) expect(sh('journal').stdout).toBe(block('journal-says'));
  });
});
