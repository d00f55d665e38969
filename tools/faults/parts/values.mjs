// Values of rows: kept cells come out as they went in, and nothing of a row stands where it need not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { csvInput, MODEL, NAMES } from '../material.mjs';
import { firstLine } from '../oracle.mjs';
import { randomOf } from '../schedule.mjs';

const TEXT = 'canary-text-7f3a';
const NUMBER = '31415.92653';
const FAULTY = 'canary-fault-91c2';

/** Every 50th row carries canaries: in its id, in a text column, as a number amid the others, as a value that is no number. */
function withCanaries() {
  const [header, ...lines] = csvInput({ rows: 2000 }).toString().trimEnd().split('\n');
  const at = (name) => NAMES.indexOf(name);
  const rows = lines.map((line, index) => {
    const cells = line.split(',');
    if (index % 50 === 7) cells[at('id')] = `canary-id-${index}`;
    if (index % 50 === 11) cells[at('ocean_proximity')] = TEXT;
    if (index % 50 === 13) cells[at('total_rooms')] = NUMBER;
    if (index % 50 === 17) cells[at('population')] = FAULTY;
    return cells.join(',');
  });
  return Buffer.from(`${[header, ...rows].join('\n')}\n`);
}

const PRIVATE = [
  ['a clean run', ['--max-rejects', '10%'], {}],
  ['a clean run that is verbose', ['--max-rejects', '10%', '-v'], { stderrToo: false }],
  ['too many rejects', [], {}],
  ['too many rejects, as JSON', ['--log-format', 'json'], {}],
  ['rows out of the wrong number', ['--max-rejects', '10%', '--expect-rows', '3'], {}],
  ['a labelled run, rejected rows left blank', ['--max-rejects', '10%', '--rejected-rows', 'blank', '--keep', 'id'], {}],
];

/** @type {import('../schedule.mjs').Part} */
export const canaries = {
  name: 'canaries',
  about:
    'canaries in ids, texts, numbers and faulty cells; looked for in journal, head, lock, run state and stderr, also of runs that fail or are killed',
  promises: ['P15'],
  quick: 3,
  trials: async (context) => {
    const input = withCanaries();
    const trial = (name, args, { stderrToo = true, faults } = {}) => ({
      name,
      run: async (point, lane) => {
        const folder = lane.folder();
        writeFileSync(join(folder, 'model.onnx'), MODEL);
        writeFileSync(join(folder, 'in.csv'), input);
        const ended = await run(['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--chunk-size', '16KB', ...args], {
          cwd: folder,
          faults,
          bin: context.bin,
        });
        if (faults === undefined)
          point.check('P15', ended.status === 0 || ended.status === 65, () => `ended with ${ended.status}: ${firstLine(ended.stderr)}`);
        if (stderrToo) look(point, 'stderr', ended.stderr);
        const mayHold = /^(model\.onnx|in\.csv|out\.csv|out\.csv\.rejects\.csv)$|\.scoreline-tmp$/;
        for (const name of readdirSync(folder)) if (!mayHold.test(name)) look(point, name, readFileSync(join(folder, name), 'latin1'));
      },
    });
    const kills = [20, 25, 30, 35, 40].map((at) => trial(`killed at ${at}`, ['--max-rejects', '10%'], { faults: { at, act: 'kill' } }));
    return [...PRIVATE.map(([name, args, options]) => trial(name, args, options)), ...kills];
  },
};

function look(point, where, text) {
  for (const canary of ['canary-id-', TEXT, NUMBER, FAULTY]) point.check('P15', !text.includes(canary), `${canary} stands in ${where}`);
}

const CELLS = ['', ' ', '007', '1e5', '12345678901234567890', '0x1F', 'NaN', '-0', '1,5', 'a "quoted" word', 'two\nlines', 'ä', 'e\u0301', '日本', '\t', "'", '=1+1', '__proto__', 'null', '\u00a0', '"']; // prettier-ignore
const FEATURES = NAMES.slice(1, 9);

/** @type {import('../schedule.mjs').Part} */
export const fidelity = {
  name: 'fidelity',
  about: '40 tables of hostile cells: every kept record stands in the output byte for byte; doubled headers are refused',
  promises: ['P16'],
  quick: 6,
  trials: async (context) => {
    const tables = Array.from({ length: 40 }, (_, seed) => ({
      name: `table ${seed + 1}`,
      run: async (point, lane) => {
        const folder = lane.folder();
        const { header, records } = hostileTable(seed);
        writeFileSync(join(folder, 'model.onnx'), MODEL);
        writeFileSync(join(folder, 'in.csv'), `${[header, ...records].join('\n')}\n`);
        const args = ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--keep', 'all', '--no-journal', '--chunk-size', '1KB'];
        const ended = await run(args, { cwd: folder, bin: context.bin });
        point.check('P16', ended.status === 0, () => `ended with ${ended.status}: ${firstLine(ended.stderr)}`);
        if (ended.status === 0) compare(point, readFileSync(join(folder, 'out.csv'), 'utf8'), [header, ...records]);
      },
    }));
    const doubled = {
      name: 'a doubled header',
      run: async (point, lane) => {
        const folder = lane.folder();
        writeFileSync(join(folder, 'model.onnx'), MODEL);
        writeFileSync(join(folder, 'in.csv'), csvInput({ rows: 20 }).toString().replace('ocean_proximity', 'id'));
        const ended = await run(['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv'], { cwd: folder, bin: context.bin });
        point.check('P16', ended.status === 65, () => `ended with ${ended.status}: ${firstLine(ended.stderr)}`);
      },
    };
    return [...tables, doubled];
  },
};

/** Records of a table whose kept cells are anything, in columns called as objects of JavaScript have it. */
function hostileTable(seed) {
  const random = randomOf(seed + 100);
  const pick = (from) => from[Math.floor(random() * from.length)];
  const quoted = (cell) => (/[",\n]/.test(cell) || random() < 0.1 ? `"${cell.replaceAll('"', '""')}"` : cell);
  const records = Array.from({ length: 60 }, () =>
    [...FEATURES.map(() => (random() * 1000).toFixed(2)), ...Array.from({ length: 5 }, () => quoted(pick(CELLS)))].join(','),
  );
  return { header: [...FEATURES, '__proto__', 'constructor', 'toString', '"a ""b"""', '"x,y"'].join(','), records };
}

/** The output is each record, a comma, a prediction, a newline. */
function compare(point, output, records) {
  let at = 0;
  for (const [index, record] of records.entries()) {
    const kept = output.startsWith(`${record},`, at);
    if (
      !point.check(
        'P16',
        kept,
        () => `record ${index}: expected ${JSON.stringify(record)}, found ${JSON.stringify(output.slice(at, at + record.length + 1))}`,
      )
    )
      return;
    at = output.indexOf('\n', at + record.length) + 1;
  }
  point.check('P16', at === output.length, 'there is more than was kept');
}
