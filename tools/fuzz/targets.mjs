// What is fuzzed: each target has seeds, and says of an input whether what came of it is right.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inspectModel, score, ScorelineError } from '../../dist/index.js';
import { drawTable } from './tables.mjs';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const fixture = (...parts) => join(fixtures, ...parts);
const head = (path, bytes) => readFileSync(fixture(path)).subarray(0, bytes);
const scratch = mkdtempSync(join(tmpdir(), 'scoreline-fuzz-'));

/** Scores bytes from a stream; what came: the output and the rejects, or the code of the error. A defect is thrown on. */
async function outcome(bytes, options) {
  const output = new PassThrough();
  const pieces = [];
  output.on('data', (piece) => pieces.push(piece));
  const rejects = join(scratch, 'rejects.csv');
  rmSync(rejects, { force: true });
  let summary;
  try {
    summary = await score({
      input: Readable.from([bytes]),
      output,
      journal: false,
      rejects,
      maxRejects: { kind: 'share', share: 1 },
      batchRows: 64,
      ...options,
    });
  } catch (error) {
    if (!(error instanceof ScorelineError) || error.status === 70) throw error;
    return `error ${error.code}`;
  }
  const { rowsIn, scored, rejected, rejectedByCode, warnings } = summary;
  const counts = JSON.stringify({ rowsIn, scored, rejected, rejectedByCode, warnings });
  return `${Buffer.concat(pieces).toString('latin1')}\n---\n${existsSync(rejects) ? readFileSync(rejects, 'latin1') : ''}\n---\n${counts}`;
}

const models = ['single', 'matrix-double', 'matrix-int64', 'columns-mixed', 'two-outputs', 'string-out', 'fixed-batch', 'throws'].map((name) =>
  fixture('types', `${name}.onnx`),
);

/** Models that read CSV, each with a name by which its tables are known. */
const CSV_MODELS = [
  [fixture('types', 'columns-mixed.onnx'), 'int32'],
  [fixture('types', 'single.onnx'), 'f1'],
  [fixture('adult', 'adult-forest.onnx'), 'native_country'],
  [fixture('california', 'california-linear.onnx'), 'total_bedrooms'],
];

function oneOf(random, list) {
  return list[Math.floor(random() * list.length)];
}

/** How to read a CSV: mostly as its first bytes say, now and then otherwise. */
function dialectOf(bytes, name, random) {
  const head = bytes.subarray(0, 400);
  const wide = head.includes(0);
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const line = head.toString('latin1').replaceAll('\0', '').split(/[\r\n]/)[0] ?? '';
  const delimiter = [';', '\t', '|'].find((each) => line.includes(each) && !line.includes(','));
  const encoding = wide && !marked ? 'utf-16le' : random() < 0.1 ? oneOf(random, ['latin1', 'windows-1250', 'shift_jis', 'gb18030', 'utf-16', 'utf-8', 'koi8-r']) : undefined;
  const maybe = (share, option) => (random() < share ? option() : {});
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(encoding === undefined ? {} : { encoding }),
    ...maybe(0.05, () => ({ quote: oneOf(random, ["'", '']) })),
    ...maybe(0.05, () => ({ escape: '\\' })),
    ...maybe(0.3, () => ({ ragged: oneOf(random, ['fill', 'reject']) })),
    ...maybe(0.2, () => ({ trim: true })),
    ...maybe(delimiter === undefined ? 0.05 : 0.4, () => ({ decimalComma: true })),
    ...maybe(0.05, () => ({ skipLines: Math.floor(random() * 3) })),
    ...maybe(0.4, () => ({ recordLimitBytes: 1 + Math.floor(random() * 300) })),
    ...maybe(0.05, () => ({ header: false, columns: line.split(delimiter ?? ',').map((_, index) => (index === 0 ? name : `c${index}`)) })),
  };
} // prettier-ignore

/** What else may be asked for. */
function restOf(model, random) {
  const maybe = (share, option) => (random() < share ? option() : {});
  const outputFormat = oneOf(random, ['csv', 'csv', 'csv', 'arrow', 'arrows']);
  return {
    outputFormat,
    ...(outputFormat === 'csv' ? maybe(0.1, () => ({ outputDelimiter: oneOf(random, [';', '\t']) })) : { compression: oneOf(random, ['none', 'lz4', 'zstd']) }),
    ...maybe(0.6, () => ({ keep: oneOf(random, ['all', 'all', 'none', 'unused', 'unused', ['id']]), prefix: 'p_' })),
    ...maybe(0.2, () => ({ nullValues: oneOf(random, [['NA'], ['', 'null'], ['-', '0']]) })),
    ...maybe(0.2, () => ({ rejectedRows: 'blank' })),
    ...maybe(0.1, () => ({ limit: 1 + Math.floor(random() * 50) })),
    ...maybe(model.includes('forest') ? 0.4 : 0.02, () => oneOf(random, [{ label: 'argmax' }, { label: 'threshold', threshold: random() }, { threshold: 0.5, positiveClass: '>50K' }])),
  };
} // prettier-ignore

export const TARGETS = {
  csv: {
    seeds: [
      head('types/types.csv', 2000),
      head('types/throws.csv', 2000),
      head('adult/adult.csv', 3000),
      head('arrow/california-head.csv', 3000),
      head('diamonds/diamonds.csv', 2000),
    ],
    /** A table drawn, not damaged. Its dialect is drawn again, from its header, when it is read. */
    draw(random) {
      const { text } = drawTable(random, {
        delimiter: oneOf(random, [',', ',', ',', ';', '\t', '|']),
        comma: random() < 0.1,
        header: random() < 0.95,
      });
      const how = random();
      if (how < 0.85) return Buffer.from(how < 0.05 ? `\ufeff${text}` : text);
      if (how < 0.9) return Buffer.from(text, 'latin1');
      if (how < 0.95) return Buffer.from(how < 0.92 ? text : `\ufeff${text}`, 'utf16le');
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    },
    /** However it is cut, and whoever reads the cells, the same comes of it. */
    async run(bytes, random) {
      const [model, first] =
        CSV_MODELS.find(([, name]) => random() < 0.9 && bytes.subarray(0, 200).toString('latin1').includes(name)) ?? oneOf(random, CSV_MODELS);
      const options = {
        model,
        inputFormat: 'csv',
        csv: { allowUnterminated: true, ...dialectOf(bytes, first, random) },
        ...(model.endsWith('single.onnx') ? { bind: { x: 'f1' } } : {}),
        ...restOf(model, random),
      };
      const cut = { workers: 1, chunkBytes: random() < 0.5 ? 1 << 20 : 1 + Math.floor(random() * 4000) };
      const whole = await outcome(bytes, { ...options, ...cut });
      const text = await outcome(bytes, { ...options, ...cut, csv: { ...options.csv, decoder: 'text' } });
      if (whole !== text) throw new Error(`the byte decoder and csv-parse disagree:\n${whole}\n=== and ===\n${text}`);
      if (options.outputFormat !== 'csv') return; // a chunk is a record batch
      const otherwise = await outcome(bytes, { ...options, workers: 2, chunkBytes: 1 + Math.floor(random() * 400) });
      // an error ends the run where it is met: another may be met first where bytes mean nothing in their encoding
      if (options.csv.encoding !== undefined && whole.startsWith('error ') && otherwise.startsWith('error ')) return;
      if (whole !== otherwise) throw new Error(`cut otherwise, another result:\n${whole}\n=== and ===\n${otherwise}`);
    },
  },
  arrow: {
    seeds: readdirSync(fixture('arrow'))
      .filter((name) => /\.arrows?$/.test(name))
      .map((name) => readFileSync(fixture('arrow', name))),
    async run(bytes, random) {
      const adult = random() < 0.5;
      const path = join(scratch, random() < 0.5 ? 'in.arrow' : 'in.arrows');
      writeFileSync(path, bytes);
      const input = random() < 0.5 ? { input: path } : {};
      await outcome(bytes, {
        model: fixture(adult ? 'adult/adult-forest.onnx' : 'california/california-trees.onnx'),
        keep: 'all',
        outputFormat: ['csv', 'arrow', 'arrows'][Math.floor(random() * 3)],
        workers: 1,
        ...input,
      });
    },
  },
  model: {
    seeds: [...models, fixture('california', 'california-linear.onnx'), fixture('adult', 'adult.onnx')].map((path) => readFileSync(path)),
    async run(bytes) {
      const path = join(scratch, 'model.onnx');
      writeFileSync(path, bytes);
      try {
        await inspectModel(path);
      } catch (error) {
        if (!(error instanceof ScorelineError) || error.status === 70) throw error;
        return;
      }
      await outcome(readFileSync(fixture('types', 'types.csv')), { model: path, contract: 'none', workers: 1, batchRows: 16, features: undefined });
    },
  },
};
