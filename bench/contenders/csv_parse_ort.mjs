// csv-parse + onnxruntime-node, the way one writes it first: node csv_parse_ort.mjs MODEL FEATURES INPUT.csv OUTPUT.csv THREADS
// A stream of records, collected into batches, each scored and written as it is full. FEATURES is a file of names in the order of training.
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { parse } from 'csv-parse';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const BATCH_ROWS = 4_096;
const [model, featureFile, source, target, threads] = process.argv.slice(2);
const features = readFileSync(featureFile, 'utf8').trim().split('\n');
const session = await InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });
const output = createWriteStream(target);
output.write('id,prediction,probability_0,probability_1\n');

const ids = [];
const values = new Float32Array(BATCH_ROWS * features.length);

async function flush() {
  const feeds = { [session.inputNames[0]]: new Tensor('float32', values.slice(0, ids.length * features.length), [ids.length, features.length]) };
  const { label, probabilities } = await session.run(feeds, ['label', 'probabilities']);
  let text = '';
  for (let row = 0; row < ids.length; row++) {
    text += `${ids[row]},${label.data[row]},${probabilities.data[2 * row]},${probabilities.data[2 * row + 1]}\n`;
  }
  ids.length = 0;
  if (!output.write(text)) await once(output, 'drain');
}

for await (const record of createReadStream(source).pipe(parse({ columns: true }))) {
  for (let at = 0; at < features.length; at++) values[ids.length * features.length + at] = Number(record[features[at]]);
  if (ids.push(record.id) === BATCH_ROWS) await flush();
}
if (ids.length > 0) await flush();
output.end();
await finished(output);
