import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseContract } from '#src/contract/load.js';
import { contractSchema } from '#src/contract/schema.js';
import { fixture, ROOT, scoreline, tempFolder } from '../support/command.js';

const page = readFileSync(join(ROOT, 'docs', 'contract.md'), 'utf8');

test('the commands of the manual run as they stand', async () => {
  const folder = tempFolder();
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'churn.onnx'));
  writeFileSync(join(folder, 'train.csv'), 'customer,x,day,left\na,1,2025-12-30,3\nb,2,2025-12-31,5\n');
  const lines = (/```sh\n([^]*?)```/.exec(page)?.[1] ?? '').trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(await scoreline(line.split(' ').slice(1), { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(readFileSync(join(folder, 'churn.contract.json'), 'utf8'))).toMatchObject({ trainedThrough: '2025-12-31', ids: ['customer'], target: { column: 'left' } }); // prettier-ignore
});

test('the contract of the manual is one', async () => {
  const text = /```json\n([^]*?)```/.exec(page)?.[1] ?? '';
  expect((await parseContract(Buffer.from(text), 'x')).features).toEqual(['age', 'income']);
});

test('the manual names every key', () => {
  for (const key of Object.keys(contractSchema.entries).filter((name) => name !== '$schema')) expect(page).toContain(`\`${key}${key === 'model' ? '.sha256' : ''}\``);
}); // prettier-ignore
