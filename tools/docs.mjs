// Writes the pages of docs/ that are made from tables in the code; `--check` only compares them, for CI. Needs a build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Codes that helpers pass on, which the scan of constructor calls below does not see. */
const PASSED_ON = {
  io: ['sync-failed', 'no-process', 'too-many-open-files'],
  deadline: ['deadline'],
  model: ['unsupported-type', 'unsupported-shape', 'no-inputs', 'no-outputs'],
  config: ['class-contradiction', 'class-count', 'classes-ambiguous', 'duplicate-class', 'duplicate-feature', 'feature-count'],
  usage: ['duplicate-feature', 'feature-count'],
};

const root = resolve(import.meta.dirname, '..');
const { cliPage, statusPage } = await import('../dist/cli/docs.js');
const { USAGE_CODES } = await import('../dist/cli/codes.js');

const pages = {
  'docs/cli.md': cliPage(),
  'docs/exit-statuses.md': statusPage(thrownCodes()),
  'docs/job.schema.json': await jobSchemaPage(),
  'docs/contract.schema.json': await contractSchemaPage(),
};
const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(pages)) {
  const path = join(root, name);
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (old === text) continue;
  if (check) {
    const { line, found, expected } = firstDifference(old, text);
    process.stderr.write(
      `${name} is out of date, first at line ${line}:\n  is:        ${found}\n  should be: ${expected}\nRun: node tools/docs.mjs\n`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}

/** What editors check a job file by. */
async function jobSchemaPage() {
  const { toJsonSchema } = await import('@valibot/to-json-schema');
  const { jobSchema } = await import('../dist/job/schema.js');
  const { jobFileSchema } = await import('../dist/cli/job/schema.js');
  // what no schema can say, such as which time zones there are, is left to the job's own messages
  const own = toJsonSchema(jobSchema, { typeMode: 'input', errorMode: 'ignore' });
  return jsonPage('docs/job.schema.json', jobFileSchema(own));
}

/** What editors check a contract by. */
async function contractSchemaPage() {
  const { toJsonSchema } = await import('@valibot/to-json-schema');
  const { contractSchema, cellCounts, textCounts } = await import('../dist/contract/schema.js');
  const count = { type: 'integer', minimum: 0 };
  const pairs = (first) => ({ type: 'array', items: { type: 'array', items: [first, count], minItems: 2, maxItems: 2 } });
  const byHand = new Map([
    [cellCounts, pairs({ type: 'integer' })],
    [textCounts, pairs({ type: 'string' })],
  ]);
  // what no schema can say, such as which names belong together, is left to the contract's own messages
  const schema = toJsonSchema(contractSchema, { errorMode: 'ignore', overrideSchema: ({ valibotSchema }) => byHand.get(valibotSchema) });
  return jsonPage('docs/contract.schema.json', { ...schema, title: 'A contract of Scoreline' });
}

async function jsonPage(name, value) {
  const prettier = await import('prettier');
  return prettier.format(JSON.stringify(value), { ...(await prettier.resolveConfig(join(root, name))), parser: 'json' });
}

function firstDifference(old, text) {
  const [a, b] = [old.split('\n'), text.split('\n')];
  const index = b.findIndex((line, at) => line !== a[at]);
  const at = index === -1 ? b.length : index;
  return { line: at + 1, found: a[at] ?? '(nothing)', expected: b[at] ?? '(nothing)' };
}

/** The codes that src throws, with their status: from the constructor calls themselves and the list above. */
function thrownCodes() {
  const ofClass = {
    UsageError: 'usage',
    InputError: 'data',
    ModelError: 'model',
    ContractError: 'config',
    JobError: 'config',
    OutputError: 'output',
    JournalError: 'io',
  };
  const found = Object.keys(USAGE_CODES).map((code) => ({ code, status: 'usage' }));
  for (const [status, codes] of Object.entries(PASSED_ON)) found.push(...codes.map((code) => ({ code, status })));
  found.push({ code: 'defect', status: 'defect' }, { code: 'interrupted', status: 'interrupt' });
  found.push({ code: 'terminated', status: 'terminate' }, { code: 'hung-up', status: 'hangup' }, { code: 'pipe-closed', status: 'pipe' });
  for (const file of readdirSync(join(root, 'src'), { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(root, 'src', file), 'utf8');
    // tables of errors by errno
    for (const [, code, status] of text.matchAll(/code: '([a-z0-9-]+)',\s*status: '(\w+)'/g)) found.push({ code, status });
    for (const { 0: head, 1: name, 2: code, index } of text.matchAll(/new (\w+Error)\(\s*'([a-z0-9-]+)',/g)) {
      const status = /\bstatus: '(\w+)'/.exec(callAt(text, index + head.indexOf('(')))?.[1] ?? ofClass[name];
      if (status !== undefined) found.push({ code, status });
    }
  }
  return found;
}

/** The call whose parenthesis opens at `start`, up to the one that closes it. Parentheses within texts come in pairs, or make it a little longer. */
function callAt(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}
