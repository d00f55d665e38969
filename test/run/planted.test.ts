import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { failureOf, openFolder } from '../publish/folder.js';
import { fixture } from '../support/command.js';

/** A folder that others may write to, with a file elsewhere that a link may lead to, and what a run in it is asked for. */
function scene(text: string): { options: ScoreOptions; output: string; victim: string } {
  const folder = realpathSync(openFolder());
  const [input, output, victim] = ['in.csv', 'out.csv', 'victim'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(input, text);
  writeFileSync(victim, 'precious');
  const options: ScoreOptions = { model: fixture('types', 'single.onnx'), input, output, workers: 1, maxRejects: { kind: 'rows', rows: 1 } };
  return { options, output, victim };
}

/** A run in the midst of which, after all checks, somebody puts a link under a name that this run made up. */
async function scoreWithLink(options: ScoreOptions, name: string, victim: string): Promise<void> {
  const onProgress = (): void => {
    if (existsSync(name) && !lstatSync(name).isSymbolicLink()) renameSync(name, `${name}.was`);
    if (!existsSync(name)) symlinkSync(victim, name);
  };
  await score({ ...options, onProgress });
}

describe('a link planted while a run is at work', () => {
  test('in the place of its rejects file goes when there are no rejects', async () => {
    const { options, output, victim } = scene('id,x\na,1\n');
    await scoreWithLink(options, `${output}.rejects.csv`, victim);
    expect([readFileSync(victim, 'utf8'), readdirSync(join(output, '..')).filter((name) => name.includes('rejects'))]).toEqual(['precious', []]);
  });

  test('in the place of its rejects file is replaced by the rejects', async () => {
    const { options, output, victim } = scene('id,x\na,1\nb,no number\n');
    await scoreWithLink(options, `${output}.rejects.csv`, victim);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(`${output}.rejects.csv`).isFile()).toBe(true);
    expect(readFileSync(`${output}.rejects.csv`, 'utf8')).toContain('no number');
  });

  test('in the place of its journal is refused, and what it leads to has no line of it', async () => {
    const { options, output, victim } = scene('id,x\na,1\n');
    const error = await failureOf(scoreWithLink(options, `${output}.journal.jsonl`, victim));
    expect(error).toMatchObject({ code: 'journal-link', status: 77 });
    expect(error.fix).toContain('remove it');
    expect([readFileSync(victim, 'utf8'), existsSync(output)]).toEqual(['precious', false]);
  });
});

describe('a link that the caller names', () => {
  test('is followed, unless he says otherwise', async () => {
    const { options, output, victim } = scene('id,x\na,1\n');
    symlinkSync(victim, output);
    await score(options);
    expect([lstatSync(output).isSymbolicLink(), readFileSync(victim, 'utf8')]).toEqual([true, 'id,prediction\na,3\n']);
    writeFileSync(victim, 'precious');
    await score({ ...options, followLinks: false });
    expect([lstatSync(output).isFile(), readFileSync(victim, 'utf8'), readFileSync(output, 'utf8')]).toEqual([
      true,
      'precious',
      'id,prediction\na,3\n',
    ]);
  });

  test('in the place of the journal likewise', async () => {
    const { options, output, victim } = scene('id,x\na,1\n');
    rmSync(victim);
    symlinkSync(victim, `${output}.log`);
    await score({ ...options, journal: `${output}.log` });
    expect(readFileSync(victim, 'utf8')).toContain('"COMMIT"');
    expect(await failureOf(score({ ...options, journal: `${output}.log`, followLinks: false }))).toMatchObject({ code: 'journal-link' });
  });
});
