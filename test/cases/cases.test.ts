import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '#src/journal/verify.js';
import { ROOT, scoreline, tempFolder } from '../support/command.js';
import { normaliseJournal } from './normalise.js';

/**
 * Golden folders: `cases/NAME/case.json` says what to run, `expected/` holds what must come of it: stdout, stderr, every file written, and the journal
 * with its clock and digests taken out. `UPDATE_CASES=1 npx vitest run test/cases` writes them anew: read the diff as prose before committing it.
 */
interface Case {
  readonly about: string;
  /** `{fixtures}`, `{case}` and `{out}` stand for folders. */
  readonly args: readonly string[];
  /** A file of the case's folder, piped in. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly status: number;
}

const schema = JSON.parse(readFileSync(join(ROOT, 'docs', 'journal.schema.json'), 'utf8')) as object;
// Ajv leaves formats to a package of their own; the pattern beside `date-time` is the check.
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': true } }).compile(schema);

const HERE = join(ROOT, 'test', 'cases');
const UPDATE = process.env['UPDATE_CASES'] === '1';
const NAMES = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name); // prettier-ignore

describe('golden cases', () => {
  test.each(NAMES)('%s', async (name) => {
    const folder = join(HERE, name);
    const golden = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
    const out = tempFolder();
    const places = { '{fixtures}': join(ROOT, 'fixtures'), '{case}': folder, '{out}': out };
    const fill = (text: string): string => Object.entries(places).reduce((filled, [mark, path]) => filled.replaceAll(mark, path), text);
    const blank = (text: string): string => Object.entries(places).reduce((blanked, [mark, path]) => blanked.replaceAll(path, mark), text);

    const run = await scoreline(golden.args.map(fill), {
      ...(golden.stdin === undefined ? {} : { stdin: readFileSync(join(folder, golden.stdin)) }),
      ...(golden.env === undefined ? {} : { env: golden.env }),
    });

    const found = new Map<string, string>();
    if (run.stdout.length > 0) found.set('stdout.txt', blank(run.stdout.toString()));
    if (run.stderr.length > 0) found.set('stderr.txt', blank(run.stderr).replace(/"time":"[^"]*"/g, '"time":"…"'));
    for (const file of readdirSync(out)) {
      if (file.endsWith('.head') || file.endsWith('.lock')) continue;
      const bytes = readFileSync(join(out, file));
      if (file.endsWith('.journal.jsonl')) await expectSoundJournal(join(out, file), bytes.toString());
      found.set(file, file.endsWith('.journal.jsonl') ? blank(normaliseJournal(bytes.toString())) : bytes.toString());
    }
    const expectedFolder = join(folder, 'expected');
    if (UPDATE) update(expectedFolder, found);
    expect({ about: golden.about, status: run.status, files: [...found.keys()].sort() }).toEqual({
      about: golden.about,
      status: golden.status,
      files: existsSync(expectedFolder) ? readdirSync(expectedFolder).sort() : [],
    });
    for (const [file, text] of found) expect(text, file).toBe(readFileSync(join(expectedFolder, file), 'utf8'));
  });
});

/** Every line is as the published schema says, and the chain is whole. */
async function expectSoundJournal(path: string, text: string): Promise<void> {
  for (const line of text.trim().split('\n')) expect(validate(JSON.parse(line)), JSON.stringify(validate.errors)).toBe(true);
  expect(await verifyJournal(path)).toMatchObject({ ok: true, problems: [], open: [] });
}

function update(folder: string, found: ReadonlyMap<string, string>): void {
  if (found.size > 0) mkdirSync(folder, { recursive: true });
  for (const [file, text] of found) writeFileSync(join(folder, file), text, 'utf8');
}
