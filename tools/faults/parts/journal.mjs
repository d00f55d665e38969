// The journal as an audit: any change of it shows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyJournal } from '../../../dist/journal/verify.js';

/** @type {import('../schedule.mjs').Part} */
export const changedJournal = {
  name: 'journal',
  about:
    'every byte of a journal changed, every line lost, doubled or swapped, the tail cut at every byte: none verifies; without its first line it is told to go on from another file; a torn last line verifies, and is reported',
  promises: ['P10'],
  quick: 300,
  trials: async (context) => {
    const scene = await context.scene('csv');
    const source = join(scene.after, scene.spec.journal);
    const bytes = readFileSync(source);
    const head = readFileSync(`${source}.head`);
    const lines = bytes.toString().split('\n').slice(0, -1);
    const trial = (name, change, expected) => ({
      name,
      run: async (point, lane) => {
        const journal = join(lane.folder(), 'journal.jsonl');
        writeFileSync(`${journal}.head`, head);
        writeFileSync(journal, change());
        const { ok, torn, continues } = await verifyJournal(journal);
        if (expected === 'damaged') point.check('P10', !ok, 'it verifies');
        else if (expected === 'continued') point.check('P10', !ok || continues, 'it verifies, and nothing tells that lines stood before');
        else point.check('P10', ok && torn.length === (expected === 'torn' ? 1 : 0), `ok ${ok}, torn ${torn.length}`);
      },
    });
    const joined = (changed) => Buffer.from(changed.map((line) => `${line}\n`).join(''));
    const lastAt = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
    const next = Buffer.from(lines.at(-1).replace(/"seq":\d+/, '"seq":99'));
    return [
      trial('unchanged', () => bytes, 'whole'),
      ...Array.from(bytes, (byte, at) => trial(`byte ${at} changed`, () => Buffer.concat([bytes.subarray(0, at), Buffer.of(byte ^ (1 + (at % 7))), bytes.subarray(at + 1)]), 'damaged')), // prettier-ignore
      // A file without its first lines is what a rotation leaves: then it must be told that it goes on from another one.
      ...lines.map((_, at) =>
        trial(`line ${at + 1} lost`, () => joined(lines.filter((__, index) => index !== at)), at === 0 ? 'continued' : 'damaged'),
      ),
      ...lines.map((line, at) => trial(`line ${at + 1} doubled`, () => joined([...lines.slice(0, at), line, ...lines.slice(at)]), 'damaged')),
      ...lines
        .slice(1)
        .map((line, at) => trial(`lines ${at + 1} and ${at + 2} swapped`, () => joined(lines.with(at, line).with(at + 1, lines[at])), 'damaged')),
      ...Array.from({ length: bytes.length - lastAt }, (_, cut) => trial(`cut at ${lastAt + cut}`, () => bytes.subarray(0, lastAt + cut), 'damaged')),
      // What a crash within a write leaves: a part of a line after the one that the head knows.
      ...Array.from({ length: 40 }, (_, part) =>
        trial(`a torn line of ${part + 1} bytes`, () => Buffer.concat([bytes, next.subarray(0, part + 1)]), 'torn'),
      ),
    ];
  },
};
