// The figures of the matrix: a file a part while it is run, one record that the documentation is made from.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../../bench/machine.mjs';
import { ROOT } from './command.mjs';
import { PARTS } from './parts.mjs';
import { fillPage } from './report.mjs';

const RESULTS = join(ROOT, 'build', 'faults', 'results');
const RECORD = join(import.meta.dirname, 'record.json');
export const PAGE = join(ROOT, 'docs', 'reliability.md');

/** What the sources were when dist was made of them. */
const sources = () => readFileSync(join(ROOT, 'dist', '.built-from'), 'utf8').slice(0, 12);

export function keepFigures(name, result) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify({ sources: sources(), result }, null, 1)}\n`);
}

/** Parts without figures of the present sources, by name. */
export function missingFigures() {
  return new Set([...PARTS.map(({ name }) => name), 'controls'].filter((name) => figuresOf(name)?.sources !== sources()));
}

function figuresOf(name) {
  const path = join(RESULTS, `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** What there is: parts in their order, and the controls. */
export function readFigures() {
  return { parts: PARTS.flatMap(({ name }) => figuresOf(name)?.result ?? []), controls: figuresOf('controls')?.result ?? [] };
}

export function readRecord() {
  return JSON.parse(readFileSync(RECORD, 'utf8'));
}

/** Makes the record of all parts, and the tables of the page from it. Throws where a part has no figures of the present sources. */
export function saveRecord() {
  const missing = [...missingFigures()];
  if (missing.length > 0) throw new Error(`no figures of these sources for ${missing.join(', ')}: go on with --rest --save`);
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).stdout.trim();
  const record = { date: new Date().toISOString().slice(0, 10), commit, machine: describeMachine(), ...readFigures() };
  writeFileSync(RECORD, `${JSON.stringify(record, null, 1)}\n`);
  writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), record));
}
