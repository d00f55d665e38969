import { Batch } from '../batch/batch.js';
import { nullTexts } from '../batch/store.js';
import { openTextStore } from '../batch/text-store.js';
import type { ElementArray } from '../batch/element.js';
import { openDecoder } from '../format/open.js';
import { openScorer, type Scorer } from '../model/blocks.js';
import { openOrtSession } from '../model/ort-session.js';
import type { Session, TensorData } from '../model/session.js';
import type { ProofTask, WorkerSetup } from './protocol.js';

/**
 * Does the coded model, `session` of a worker with the coded layout, give what the model itself gives? Both decode and score the first block of a chunk, and
 * rows made of it that hold every text that any encoder knows, and one that none does; every bit of the outputs and every row that the runtime throws on, with
 * its reason, must be the same. What cannot be tried is not proven: a chunk without a row, a model that fails. The second session is closed again.
 */
export async function proveCodes(setup: WorkerSetup, session: Session, task: ProofTask): Promise<boolean> {
  const original = await openOrtSession(task.texts.modelBytes, setup.signature, { threads: setup.threads });
  try {
    const coded = await openSide({ ...setup }, session, task);
    const texts = await openSide({ ...setup, ...task.texts }, original, task);
    if (coded.batch.rows === 0 || !sameRows(coded.batch, texts.batch)) return false;
    if (!sameScores(await scores(coded, coded.batch), await scores(texts, texts.batch))) return false;
    return sameScores(await scores(coded, allTexts(coded.batch, coded.batch)), await scores(texts, allTexts(texts.batch, coded.batch)));
  } finally {
    await original.close();
  }
}

/** One of the two ways, with the first rows of the chunk. */
interface Side {
  readonly scorer: Scorer;
  readonly batch: Batch;
}

async function openSide(setup: WorkerSetup, session: Session, { chunk }: ProofTask): Promise<Side> {
  const decoder = await openDecoder(setup.decoder, setup.layout);
  if (chunk.context !== undefined) decoder.setContext(chunk.context);
  const batch = new Batch(setup.layout);
  decoder.decode(chunk, batch, setup.blockRows);
  const fixedBatch = setup.signature.fixedBatch !== undefined;
  return { scorer: openScorer(session, setup.binding, { blockRows: setup.blockRows, fixedBatch }), batch };
}

function sameRows(a: Batch, b: Batch): boolean {
  return a.rows === b.rows && a.records === b.records && a.slots.every((row, record) => row === b.slots[record]);
}

/** The rows of a batch over and over, each of its fields of coded strings with the next of the texts that `coded` knows, or one that it does not. */
function allTexts(batch: Batch, coded: Batch): Batch {
  const lists = coded.tensors.map(({ codes }) => (codes === undefined ? undefined : [...codes, unknownText(codes)]));
  const rows = Math.max(...lists.map((list) => list?.length ?? 0));
  const made = new Batch(batch.layout);
  made.reset(rows);
  made.rows = rows;
  for (const [index, tensor] of made.tensors.entries()) {
    const from = batch.tensors[index]?.values ?? [];
    const { values, width } = tensor;
    for (let cell = 0; cell < rows * width; cell++) values[cell] = from[cell % (batch.rows * width)] as never;
  }
  for (const [place, field] of batch.layout.fields.entries()) {
    const tensor = made.tensors[field.tensor];
    const list = lists[field.tensor];
    if (tensor === undefined || list === undefined) continue;
    const store = openTextStore(field, tensor, nullTexts());
    for (let row = 0; row < rows; row++) store.set(row, store.value(list[(row + place) % list.length] ?? ''));
  }
  return made;
}

function unknownText(known: readonly string[]): string {
  let text = 'a text that no encoder knows';
  while (known.includes(text)) text += '.';
  return text;
}

interface Scores {
  readonly blocks: readonly (readonly TensorData[])[];
  readonly faults: ReadonlyMap<number, string>;
}

async function scores({ scorer }: Side, batch: Batch): Promise<Scores> {
  const blocks: (readonly TensorData[])[] = [];
  const faults = await scorer.score(batch, { put: (outputs) => blocks.push(outputs) });
  return { blocks, faults };
}

function sameScores(a: Scores, b: Scores): boolean {
  const sameFaults = a.faults.size === b.faults.size && [...a.faults].every(([row, reason]) => b.faults.get(row) === reason);
  return sameFaults && sameLists(a.blocks, b.blocks, (left, right) => sameLists(left, right, sameTensor));
}

function sameTensor(a: TensorData, b: TensorData): boolean {
  return a.type === b.type && a.dims.join() === b.dims.join() && sameBits(a.values, b.values);
}

function sameBits(a: ElementArray, b: ElementArray): boolean {
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameLists(a, b, (left, right) => left === right);
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: Exclude<ElementArray, string[]>): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function sameLists<T>(a: readonly T[], b: readonly T[], same: (left: T, right: T) => boolean): boolean {
  return a.length === b.length && a.every((left, index) => same(left, b[index] as T));
}
