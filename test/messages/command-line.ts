import { PassThrough, Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { UsageError } from '#src/errors/errors.js';
import { openQuoter } from '#src/format/csv/quote.js';
import { planOutputs } from '#src/model/outputs.js';
import { score } from '#src/run/score.js';
import { fixture } from '../support/command.js';
import type { Scene } from './scene.js';

const X = { 'data.csv': 'id,x\na,1\nb,2\n' };
const single = fixture('types', 'single.onnx');
const library = (options: object) => () => score({ model: single, input: Readable.from('x\n1\n'), output: new PassThrough().resume(), ...options });

/** What is wrong with the command line, or with the options of the library: 64. */
export const COMMAND_LINE: readonly Scene[] = [
  { code: 'missing-command', about: 'nothing but the name', line: 'scoreline' },
  { code: 'unknown-command', about: 'a file where the command stands', line: 'scoreline data.csv', files: X },
  { code: 'unknown-command', about: 'a slip', line: 'scoreline scor -m single.onnx data.csv', links: ['single.onnx'], files: X },
  { code: 'unknown-flag', about: 'a slip', line: 'scoreline score -m single.onnx data.csv --max-reject 1', links: ['single.onnx'], files: X },
  { code: 'unknown-flag', about: 'the flag of another command', line: 'scoreline score -m single.onnx data.csv --sample-input s.csv', links: ['single.onnx'], files: X },
  { code: 'missing-argument', about: 'nothing behind the last flag', line: 'scoreline score -m single.onnx data.csv -o' },
  { code: 'missing-argument', about: 'a flag where an argument stands', line: 'scoreline score -m -v data.csv' },
  { code: 'too-many-arguments', about: 'two inputs', line: 'scoreline score -m single.onnx a.csv b.csv' },
  { code: 'too-many-arguments', about: 'the model without its flag', line: 'scoreline score single.onnx data.csv', links: ['single.onnx'], files: X },
  { code: 'missing-model', about: 'no model', line: 'scoreline score data.csv', files: X },
  { code: 'missing-model', about: 'inspect without a model', line: 'scoreline inspect' },
  { code: 'missing-input', about: 'no input, and a person at the keyboard', line: 'scoreline score -m single.onnx', terminal: 'stdin' },
  { code: 'terminal-output', about: 'Arrow, and a person at the screen', line: 'scoreline score -m single.onnx data.csv --output-format arrows', terminal: 'stdout', links: ['single.onnx'], files: X },
  { code: 'bad-value', about: 'text for a number', line: 'scoreline score -m single.onnx data.csv --batch-rows many', links: ['single.onnx'], files: X },
  { code: 'bad-value', about: 'a variable', line: 'scoreline score -m single.onnx data.csv', env: { SCORELINE_MAX_REJECTS: 'some' }, links: ['single.onnx'], files: X },
  { code: 'bad-value', about: 'a choice that there is none of', line: 'scoreline score -m single.onnx data.csv --output-format parquet', links: ['single.onnx'], files: X },
  { code: 'missing-flag', about: 'names for a file that has a header', line: 'scoreline score -m single.onnx data.csv --columns id,x', links: ['single.onnx'], files: X },
  { code: 'conflicting-flags', about: 'two that contradict each other', line: 'scoreline score -m single.onnx data.csv -q -v', links: ['single.onnx'], files: X },
  { code: 'conflicting-flags', about: 'a threshold that nothing uses', line: 'scoreline score -m single.onnx data.csv --label model --threshold 0.4', links: ['single.onnx'], files: X },
  { code: 'list-unreadable', about: 'no such file of names', line: 'scoreline score -m linear.onnx california.csv --features @names.txt', links: ['linear.onnx', 'california.csv'] },
  { code: 'list-unreadable', about: 'an empty file of names', line: 'scoreline score -m linear.onnx california.csv --features @names.txt', links: ['linear.onnx', 'california.csv'], files: { 'names.txt': '\n' } },
  { code: 'unknown-encoding', about: 'a slip', line: 'scoreline score -m single.onnx data.csv --encoding latin-1', links: ['single.onnx'], files: X },
  { code: 'csv-dialect', about: 'a delimiter of two characters', call: { shown: "score({ csv: { delimiter: '||' }, ... })", run: library({ csv: { delimiter: '||' } }) } },
  { code: 'csv-dialect', about: 'a comma for two things', line: 'scoreline score -m single.onnx data.csv --decimal-comma --quote none', links: ['single.onnx'], files: X },
  { code: 'csv-columns', about: 'a column named twice', line: 'scoreline score -m single.onnx data.csv --no-header --columns x,x', links: ['single.onnx'], files: X },
  { code: 'csv-columns', about: 'no names', call: { shown: 'score({ csv: { header: false }, ... })', run: library({ csv: { header: false } }) } },
  { code: 'same-file', about: 'rejects among the predictions', line: 'scoreline score -m single.onnx data.csv --rejects -', links: ['single.onnx'], files: X },
  { code: 'same-file', about: 'the output is the input', line: 'scoreline score -m single.onnx data.csv -o data.csv', links: ['single.onnx'], files: X },
  { code: 'output-format', about: 'a suffix that is not written', line: 'scoreline score -m single.onnx data.csv -o scores.parquet', links: ['single.onnx'], files: X },
  { code: 'compression-of-csv', about: 'CSV is not compressed', line: 'scoreline score -m single.onnx data.csv -o scores.csv --compression zstd', links: ['single.onnx'], files: X },
  { code: 'cannot-quote', about: 'within: a value that needs quotes, and a dialect without', call: { shown: "openQuoter({ delimiter: ',', quote: '' })", run: () => openQuoter({ delimiter: ',', quote: '', escape: '' })('a,b') } },
  { code: 'threshold-range', about: 'within: not a probability', call: { shown: 'planOutputs(signature, { threshold: 2 })', run: () => planOutputs({ inputs: [], outputs: [{ name: 'p', type: 'float32', shape: ['', 2], role: 'probabilities', classes: ['no', 'yes'] }], fixedBatch: undefined, featureNames: undefined }, { threshold: 2 }) } },
  { code: 'gate-misnamed', about: 'a slip in a gate', line: "scoreline score -m adult.onnx adult.csv -o scores.csv --gate 'missing(agee)<=1%:withhold'", links: ['adult.onnx', 'adult.csv'] },
  { code: 'unknown-column', about: 'kept, and not there', line: 'scoreline score -m single.onnx data.csv --keep idd', links: ['single.onnx'], files: X },
  { code: 'unknown-column', about: 'bound, and not there', line: 'scoreline score -m single.onnx data.csv --bind x=X', links: ['single.onnx'], files: X },
  { code: 'unknown-column', about: 'among the features, and not there', line: 'scoreline score -m trees.onnx --contract none california.csv --features longitude,latitud', links: ['trees.onnx', 'california.csv'] },
  { code: 'unknown-input', about: 'a slip in --bind', line: 'scoreline score -m adult.onnx adult.csv --bind agee=age', links: ['adult.onnx', 'adult.csv'] },
  { code: 'duplicate-column', about: 'kept twice', line: 'scoreline score -m single.onnx data.csv --keep id,id', links: ['single.onnx'], files: X },
  { code: 'duplicate-feature', about: 'twice in --features', line: 'scoreline score -m trees.onnx --contract none california.csv --features longitude,longitude', links: ['trees.onnx', 'california.csv'] },
  { code: 'feature-count', about: 'too few', line: 'scoreline score -m trees.onnx --contract none california.csv --features longitude,latitude', links: ['trees.onnx', 'california.csv'] },
  { code: 'features-not-used', about: 'the model takes columns by name', line: 'scoreline score -m single.onnx data.csv --features x', links: ['single.onnx'], files: X },
  { code: 'bind-matrix', about: 'one column for a matrix', line: 'scoreline score -m trees.onnx --contract none california.csv --bind features=longitude', links: ['trees.onnx', 'california.csv'] },
  { code: 'name-clash', about: 'a column is called as the result', line: 'scoreline score -m single.onnx data.csv --keep all', links: ['single.onnx'], files: { 'data.csv': 'x,prediction\n1,2\n' } },
  { code: 'fixed-batch', about: 'the model takes 4 rows at a time', line: 'scoreline score -m fixed.onnx types.csv --batch-rows 8', links: ['fixed.onnx', 'types.csv'] },
  { code: 'no-probabilities', about: 'a threshold for a regression', line: 'scoreline score -m single.onnx data.csv --threshold 0.5', links: ['single.onnx'], files: X },
  { code: 'two-classes', about: 'a threshold for five classes', line: 'scoreline score -m diamonds.onnx --features carat,depth,table,price,x,y,z diamonds.csv --threshold 0.5', links: ['diamonds.onnx', 'diamonds.csv'] },
  { code: 'unknown-class', about: 'not a class', line: 'scoreline score -m forest.onnx adult.csv --threshold 0.5 --positive-class yes', links: ['forest.onnx', 'adult.csv'] },
  { code: 'conflicting-options', about: 'a positive class and no threshold', line: 'scoreline score -m forest.onnx adult.csv --positive-class yes', links: ['forest.onnx', 'adult.csv'] },
  { code: 'conflicting-options', about: 'a limit and a number to expect', line: 'scoreline score -m single.onnx data.csv --limit 1 --expect-rows 2', links: ['single.onnx'], files: X },
  { code: 'bad-option', about: 'of another kind', call: { shown: "score({ batchRows: 'many', ... })", run: library({ batchRows: 'many' }) } },
  { code: 'unknown-option', about: 'a slip', call: { shown: 'score({ maxReject: ..., ... })', run: library({ maxReject: 1 }) } },
  { code: 'stream-used', about: 'a stream that somebody else has read', call: { shown: 'score({ input: stream, ... })', run: () => { const input = Readable.from('x\n'); input.destroy(); return library({ input })(); } } },
  { code: 'stream-of-objects', about: 'a stream of rows', call: { shown: 'score({ input: stream, ... })', run: library({ input: Readable.from([{ x: 1 }]) }) } },
  { code: 'callback-failed', about: "the caller's own error", call: { shown: 'score({ onProgress, ... })', run: library({ onProgress: () => { throw new TypeError('rows is not defined'); } }) } },
  { code: 'telemetry', about: 'loaded in a worker thread whose process did not switch telemetry off', call: { shown: "new Worker(...) that calls score({ ... })", run: inWorker } },
]; // prettier-ignore

/** The library in a worker thread that got the environment of a process without the switch. */
async function inWorker(): Promise<never> {
  const entry = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
  const source = `import(${entry}).then(({ score }) => score({})).catch((error) => require('node:worker_threads').parentPort.postMessage({ code: error.code, message: error.message, fix: error.fix }))`;
  const worker = new Worker(source, { eval: true, env: {} });
  const { code, message, fix } = await new Promise<{ code: string; message: string; fix: string }>((resolve) => worker.once('message', resolve));
  await worker.terminate();
  throw new UsageError(code, message, { fix });
}
