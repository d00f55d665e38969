import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from './world.js';

const folder = mkdtempSync(join(tmpdir(), 'scoreline-profile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const train = join(folder, 'train.csv');
writeFileSync(train, 'x,y\n1,2\n3\n5,6\n');
const contract = join(folder, 'c.json');
const profile = (...flags: string[]) => ['profile', train, '-o', contract, '--force', '--max-rejects', '1', '--workers', '1', ...flags];

describe('scoreline profile', () => {
  it('says in one line what it read and where the contract is, with -v or on a terminal', async () => {
    const said = `scoreline: profiled 2 rows and 2 columns, 1 more rejected; the contract is ${contract}\n`;
    expect(await cli(profile('-v'))).toMatchObject({ status: 0, stderr: said });
    expect(await cli(profile(), { stderr: true })).toMatchObject({ status: 0, stderr: said });
    expect(await cli(profile())).toMatchObject({ status: 0, stderr: '' });
    expect(await cli(profile('-q'), { stderr: true })).toMatchObject({ status: 0, stderr: '' });
    const { stderr } = await cli(profile('-v', '--log-format', 'json'));
    expect(JSON.parse(stderr)).toMatchObject({ level: 'info', event: 'summary', code: 'profiled', contract, rows: 2, columns: 2, rejected: 1 });
  });

  it('reads stdin where nothing is named and it is no terminal', async () => {
    expect(await cli(['profile'])).toMatchObject({ status: 64, stderr: expect.stringContaining('data from stdin has no name') as string });
    const { status, stderr } = await cli(['profile', '-m', 'm.onnx'], { stdin: true });
    expect(status).toBe(64);
    expect(stderr).toContain(
      'to do: Name a file: scoreline profile -m m.onnx TRAIN; or pipe it in: cat TRAIN | scoreline profile -m m.onnx -o CONTRACT\n',
    );
  });

  it('refuses a column as target and as id, also where a contract names one of the two', async () => {
    const refused = { status: 64, stderr: expect.stringContaining('the column "x" is given as target and as id') as string };
    expect(await cli(profile('--target', 'x', '--id', 'x'))).toMatchObject(refused);
    const written = readFileSync(contract, 'utf8');
    writeFileSync(contract, JSON.stringify({ ...(JSON.parse(written) as object), ids: ['x'] }));
    expect(await cli(['profile', train, '-o', contract, '--update', '--target', 'x'])).toMatchObject(refused);
    expect(await cli(['profile', train, '-o', contract, '--update', '--target', 'y', '--max-rejects', '1'])).toMatchObject({ status: 0 });
  });
});
