import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJournal } from '#src/journal/writer.js';
import { openFolder } from './folder.js';
import { sampleDrafts } from './samples.js';

/** The shell blocks of docs/journal.md, run as they stand there. */
const docs = readFileSync(new URL('../../docs/journal.md', import.meta.url), 'utf8');
const [chain, outputs] = [...docs.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text ?? '');

const hasTools = spawnSync('bash', ['-c', 'jq --version && sha256sum --version'], { stdio: 'ignore' }).status === 0;

function run(script: string | undefined, journal: string): string {
  return spawnSync('bash', ['-c', script ?? 'exit 1'], { env: { ...process.env, J: journal }, encoding: 'utf8' }).stdout;
}

test.runIf(hasTools)('the journal can be verified by hand as the docs say', async () => {
  const path = join(openFolder(), 'journal.jsonl');
  const journal = await openJournal(path);
  for (const draft of sampleDrafts().slice(0, 4)) await journal.append(draft);
  expect(run(chain, path)).toBe('');
  expect(run(outputs, path).trim().split('\n')).toHaveLength(1);

  const whole = readFileSync(path, 'utf8');
  writeFileSync(path, whole.replace('"scored":997', '"scored":998'));
  expect(run(chain, path)).toContain('line 2 was changed');
  writeFileSync(path, whole.split('\n').slice(0, -2).join('\n') + '\n');
  expect(run(chain, path)).toBe('the end is not what the head says\n');
});
