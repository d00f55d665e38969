import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeEntry, GENESIS } from '#src/journal/entry.js';
import { sampleDrafts } from '../journal/samples.js';
import { failWrites } from '../publish/full-disk.js';
import { fixture, tempFolder } from '../support/command.js';
import { cli } from './world.js';

const CONTRACT = '{\n  "version": "scoreline.contract/1",\n  "expires": "2099-12-31",,\n}\n'; // somebody is at work on it

/** A folder as runs and people leave it. */
function folderOfRuns(): { folder: string; run: (line: string) => ReturnType<typeof cli>; content: () => Record<string, string> } {
  const folder = tempFolder();
  let link = GENESIS;
  const lines = sampleDrafts().slice(0, 4).map((draft) => {
    const encoded = encodeEntry(draft, '2025-10-09T08:53:20.000Z', link);
    link = encoded.link;
    return encoded.line.toString();
  });
  const quoted = `${JSON.stringify({ level: 'info', text: CONTRACT })}\n`;
  const files = { 'in.csv': 'id,x\na,1\nb,2\n', 'scores.csv': 'id,prediction\na,1\n', 'runs.jsonl': lines.join(''), 'm.contract.json': CONTRACT, 'log.json': quoted, empty: '' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'm.onnx'));
  symlinkSync('runs.jsonl', join(folder, 'link.html'));
  const content = () => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
  const run = (line: string) => cli(line.split(' ').map((word) => (/[.]|^empty$/.test(word) ? join(folder, word) : word)));
  return { folder, run, content };
} // prettier-ignore

describe('where something else stands', () => {
  test.each([
    ['report runs.jsonl -o in.csv', 73, 'output-foreign'],
    ['report runs.jsonl -o scores.csv', 73, 'output-foreign'],
    ['report runs.jsonl -o m.onnx', 73, 'output-foreign'],
    ['report runs.jsonl -o m.contract.json', 73, 'output-foreign'],
    ['report runs.jsonl -o runs.jsonl', 64, 'same-file'],
    ['report runs.jsonl -o link.html', 64, 'same-file'],
    ['profile in.csv -o in.csv --force', 64, 'same-file'],
    ['profile in.csv -o in.csv --update', 64, 'same-file'],
    ['profile in.csv -m m.onnx -o m.onnx --force', 64, 'same-file'],
    ['profile in.csv -m m.onnx -o m.onnx', 64, 'same-file'],
    ['profile in.csv -m m.onnx -o scores.csv --force', 73, 'output-foreign'],
    ['profile in.csv -o runs.jsonl --force', 73, 'output-foreign'],
    ['profile in.csv -o log.json --force', 73, 'output-foreign'],
    ['profile in.csv -o scores.csv', 73, 'output-foreign'],
    ['profile in.csv -m m.onnx', 78, 'contract-exists'],
  ])('%s is refused and changes nothing', async (line, status, code) => {
    const { run, content } = folderOfRuns();
    const before = content();
    const ended = await run(line);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toContain(`code:  ${code} `);
    if (code !== 'contract-exists') expect(ended.stderr).not.toContain('there is a contract');
    expect(content()).toEqual(before);
  });
});

describe('where its own kind stands, or an empty file', () => {
  test('a report replaces it', async () => {
    const { run, content } = folderOfRuns();
    for (const target of ['empty', 'new.html', 'new.html']) {
      expect(await run(`report runs.jsonl --utc -o ${target}`)).toMatchObject({ status: 0, stderr: '' });
    }
    expect(content()['new.html']).toMatch(/^<!DOCTYPE html>/);
    expect(content()['empty']).toBe(content()['new.html']);
  });

  test('a contract replaces it, an older one by --force only', async () => {
    const { run, content } = folderOfRuns();
    for (const line of ['-o empty', '-m m.onnx --force']) expect(await run(`profile in.csv ${line}`)).toMatchObject({ status: 0 });
    expect(await run('profile in.csv -o empty')).toMatchObject({ status: 78 });
    const versions = ['empty', 'm.contract.json'].map((name) => (JSON.parse(content()[name] ?? '') as { version: string }).version);
    expect(versions).toEqual(['scoreline.contract/1', 'scoreline.contract/1']);
  });
});

test.each(['report runs.jsonl -o new.html', 'profile in.csv -o new.json'])('%s on a full disk leaves nothing behind', async (line) => {
  const { folder, run, content } = folderOfRuns();
  const before = content();
  await failWrites(folder);
  const ended = await run(line);
  expect(ended.status).toBe(74);
  expect(ended.stderr).toContain('no-space');
  expect(content()).toEqual(before);
});
