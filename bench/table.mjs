// node bench/table.mjs [RUN.json] [--into FILE]: the tables of the documentation, made from the raw figures of a run (the newest kept one unless named).
// Prints them, or with --into puts them between the file's own marks, so that no figure is typed by hand:
//   <!-- bench: claims --> ... <!-- bench: end -->      what was claimed, and what was reached
//   <!-- bench: figures --> ... <!-- bench: end -->     every entrant's figures
//   <!-- bench: stages --> ... <!-- bench: end -->      where the time of our own runs went
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { claimsInMarkdown, figuresInMarkdown, stagesInMarkdown } from './report.mjs';
import { fillMarks } from './marks.mjs';

const { values, positionals } = parseArgs({ options: { into: { type: 'string' } }, allowPositionals: true });
const runs = join(import.meta.dirname, 'runs');
const newest = () => join(runs, readdirSync(runs).sort().at(-1));
const record = JSON.parse(readFileSync(positionals[0] ?? newest(), 'utf8'));
const tables = { claims: claimsInMarkdown(record), figures: figuresInMarkdown(record), stages: stagesInMarkdown(record) };

if (values.into === undefined) process.stdout.write(`${Object.values(tables).join('\n\n')}\n`);
else writeFileSync(values.into, fillMarks(readFileSync(values.into, 'utf8'), tables));
