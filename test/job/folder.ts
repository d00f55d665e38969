import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCheckedLine } from '#src/files/checked-line.js';
import { scanLedger, type LedgerLine } from '#src/publish/ledger.js';
import { scoreline, fixture, tempFolder, type CommandOptions, type Ended } from '../support/command.js';

/** A folder with a job: `inbox`, `scores`, and a model that gives 2x + 1. */
export interface JobFolder {
  readonly path: string;
  readonly job: string;
  file(name: string): string;
  /** Writes an input of these values of x. */
  input(name: string, ...values: readonly (number | string)[]): string;
  read(name: string): string;
  has(name: string): boolean;
  /** Lines of the ledger, decoded. */
  ledger(): readonly Readonly<Record<string, unknown>>[];
  /** The kinds of the lines of the journal. */
  journal(): readonly string[];
  run(...args: readonly string[]): Promise<Ended>;
  command(args: readonly string[], options?: CommandOptions): Promise<Ended>;
}

export const MODEL = fixture('types', 'single.onnx');

/** @param lines more lines of the job file, or others: a key that is given here replaces the default. */
export function jobFolder(lines: readonly string[] = []): JobFolder {
  const path = tempFolder();
  const file = (name: string): string => join(path, name);
  for (const folder of ['inbox', 'scores']) mkdirSync(file(folder));
  const keys = new Set(lines.map((line) => line.split(':')[0]));
  const defaults = [`model: ${MODEL}`, 'input: inbox/*.csv', 'output: scores/{stem}.csv', 'keep: [id]', 'settle: 0s'];
  const kept = defaults.filter((line) => !keys.has(line.split(':')[0]) && !(keys.has('doneMarker') && line.startsWith('settle')));
  writeFileSync(file('nightly.yaml'), `${[...kept, ...lines].join('\n')}\n`);
  const job = file('nightly.yaml');
  return {
    path,
    job,
    file,
    input(name, ...values) {
      writeFileSync(file(`inbox/${name}`), table(values));
      return file(`inbox/${name}`);
    },
    read: (name) => readFileSync(file(name), 'utf8'),
    has: (name) => existsSync(file(name)),
    ledger: () =>
      existsSync(file('nightly.ledger.jsonl'))
        ? readFileSync(file('nightly.ledger.jsonl'), 'utf8')
            .trim()
            .split('\n')
            .map((line) => decodeCheckedLine(line) ?? { kind: 'damaged' })
        : [],
    journal: () =>
      existsSync(file('nightly.journal.jsonl'))
        ? readFileSync(file('nightly.journal.jsonl'), 'utf8')
            .trim()
            .split('\n')
            .map((line) => (JSON.parse(line) as { kind: string }).kind)
        : [],
    run: (...args) => scoreline(['run', job, ...args], { cwd: path }),
    command: (args, options) => scoreline(args, { cwd: path, ...options }),
  };
}

/** All that a ledger says. */
export async function readLedger(path: string) {
  const lines: LedgerLine[] = [];
  const { damaged, end } = await scanLedger(path, (line) => lines.push(line));
  return { lines, damaged, end };
}

/** What `input` writes. */
export function table(values: readonly (number | string)[]): string {
  return ['id,x', ...values.map((value, index) => `r${index},${value}`), ''].join('\n');
}

/** What comes of it. */
export function scores(values: readonly number[]): string {
  return ['id,prediction', ...values.map((value, index) => `r${index},${2 * value + 1}`), ''].join('\n');
}
