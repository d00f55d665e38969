// Hostile names of outputs, and links planted where a run makes files of its own.
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { csvInput, MODEL } from '../material.mjs';
import { firstLine, same } from '../oracle.mjs';
import { namesBelow } from '../scene.mjs';

const NAMES = [
  ' ', ' leading', 'trailing ', 'a b', '-o', '--help', '-', '--', '$(touch escaped)', '`touch escaped`', 'a;touch escaped', 'a|b', 'a&b', 'a>b', '*', '?', '~',
  '#', '%s%n', '{stem}', 'a\\b', "it's", 'say "so"', 'two\nlines', 'tab\there', '\u001b[31mred', '\u202egpj', 'e\u0301', '日本語', '...',
]; // prettier-ignore

/** @type {import('../schedule.mjs').Part} */
export const hostileNames = {
  name: 'names',
  about: '30 hostile names of an output: exactly that file appears, in its folder, and nothing else',
  promises: ['P14'],
  quick: 6,
  trials: async (context) => {
    const input = csvInput({ rows: 300 });
    return NAMES.map((name) => ({
      name: `output ${JSON.stringify(name)}`,
      run: async (point, lane) => {
        const folder = lane.folder();
        const inside = join(folder, 'spool');
        mkdirSync(inside);
        writeFileSync(join(folder, 'model.onnx'), MODEL);
        writeFileSync(join(folder, 'in.csv'), input);
        // A folder before it, as `-` alone is stdout; then the bare name, where it cannot be taken for that or for a flag.
        const ended = await run(['score', '-m', '../model.onnx', '../in.csv', `--output=./${name}`, '--max-rejects=5%'], {
          cwd: inside,
          bin: context.bin,
        });
        point.check('P14', ended.status === 0, () => `ended with ${ended.status}: ${firstLine(ended.stderr)}`);
        const journal = `${name}.journal.jsonl`;
        const expected = [name, `${name}.rejects.csv`, journal, `${journal}.head`, `${journal}.lock`].map((each) => `spool/${each}`);
        const found = namesBelow(folder).filter((each) => !expected.includes(each) && !['in.csv', 'model.onnx'].includes(each));
        point.check('P14', found.length === 0, `besides the output there is ${found.join(', ')}`);
        point.check('P14', namesBelow(folder).includes(`spool/${name}`), 'the output is not there');
        // A name in a message must not reach the terminal as it is.
        const missing = await run(['score', '-m', '../model.onnx', `--input=./${name}-missing`, '--output=out.csv'], {
          cwd: inside,
          bin: context.bin,
        });
        point.check('P14', missing.status === 66, () => `a missing input of that name ended with ${missing.status}: ${firstLine(missing.stderr)}`);
        point.check('P14', !/[^\n\x20-\x7e\u00a0-\u2029\u2030-\uffff]/.test(missing.stderr), () => `a control character reached stderr: ${JSON.stringify(missing.stderr)}`); // prettier-ignore
      },
    }));
  },
};

/** Where a run makes files whose names can be foretold, in a folder where others may write, too. */
const PLANTED = ['.out.csv.scoreline-run', 'out.csv.rejects.csv', 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.head.new', 'out.csv.journal.jsonl.lock']; // prettier-ignore

/** @type {import('../schedule.mjs').Part} */
export const plantedLinks = {
  name: 'links',
  about: 'a symbolic or a hard link to somebody’s file, or a dangling one, planted at each of 6 names that a run makes beside its output',
  promises: ['P14'],
  quick: 6,
  trials: async (context) =>
    PLANTED.flatMap((name) =>
      linksAt(name).map(([kind, plant]) => ({
        name: `${kind} link at ${name}`,
        run: async (point, lane) => {
          const folder = lane.folder();
          const spool = join(folder, 'spool');
          mkdirSync(spool);
          writeFileSync(join(folder, 'model.onnx'), MODEL);
          writeFileSync(join(folder, 'in.csv'), csvInput({ rows: 300 }));
          writeFileSync(join(folder, 'victim'), 'precious\n');
          plant(folder, join(spool, name));
          const ended = await run(['score', '-m', '../model.onnx', '../in.csv', '-o', 'out.csv', '--max-rejects=5%'], {
            cwd: spool,
            bin: context.bin,
          });
          point.check(
            'P14',
            [0, 64, 73, 74, 77, 75].includes(ended.status),
            () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`,
          );
          point.check('P14', same(readFileSync(join(folder, 'victim')), Buffer.from('precious\n')), 'the file behind the link was written to');
          const outside = namesBelow(folder).filter((each) => !each.startsWith('spool/') && !['in.csv', 'model.onnx', 'victim'].includes(each));
          point.check('P14', outside.length === 0, `outside the spool there is now ${outside.join(', ')}`);
        },
      })),
    ),
};

const LINKS = {
  symbolic: (folder, at) => symlinkSync('../victim', at),
  dangling: (folder, at) => symlinkSync('../made-by-others', at),
  hard: (folder, at) => linkSync(join(folder, 'victim'), at),
};

/** A second name of somebody's file as a journal is a file like any other; the kernel lets only its owner make one (fs.protected_hardlinks). */
function linksAt(name) {
  return Object.entries(LINKS).filter(([kind]) => kind !== 'hard' || !name.endsWith('.jsonl'));
}
