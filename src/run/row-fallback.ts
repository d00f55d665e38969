import { Batch } from '../batch/batch.js';
import type { ResultColumn } from '../batch/result.js';
import { hasRules, RowRules } from '../check/row-rules.js';
import { openDecoder } from '../format/open.js';
import type { ChunkContext, Decoder } from '../format/format.js';
import { openScorer, type Scorer } from '../model/blocks.js';
import { openCollector, type Collector } from '../model/collect.js';
import { openHonestyCheck } from '../model/honesty.js';
import { openSession } from '../model/open-session.js';
import type { Session } from '../model/session.js';
import { asUnusable } from './fallback-errors.js';
import { proveGoldenRows } from './golden.js';
import type { ChunkTask, RowFallbackSetup } from './protocol.js';
import { openTransfer, type Transfer } from './transfer-column.js';

/** All that the fallback needs to score rows: opened with the first row that the model cannot score, which most runs never meet. */
interface Opened {
  readonly session: Session;
  readonly decoder: Decoder;
  readonly scorer: Scorer;
  readonly collector: Collector;
  /** The chunk as the fallback reads it. */
  readonly whole: Batch;
  readonly rules: RowRules | undefined;
  /** The rows of it that the fallback is to score. */
  readonly picked: Batch;
}

/**
 * Scores the rows of a chunk that the model failed on, by a second model. The chunk is decoded once more, by the second model's own layout and contract; a result goes into the column of
 * its name. One per worker.
 */
export class RowFallback {
  readonly #setup: RowFallbackSetup;
  #opened: Opened | undefined;
  #context: ChunkContext | undefined;
  #contextIsNew = false;

  constructor(setup: RowFallbackSetup) {
    this.#setup = setup;
  }

  /** Each context that comes with a chunk, whether or not a row of that chunk fails. */
  setContext(context: ChunkContext): void {
    this.#context = context;
    this.#contextIsNew = true;
  }

  /**
   * Scores tensor rows of a batch into `columns`; gives those that it could score. What it cannot read, its contract rejects, it fails on or gives no fitting value for is left out.
   *
   * @throws `fallback-unusable` where the fallback itself does not load, mixes rows, or fails on more than single rows.
   */
  async score(
    { chunk, maxRecords }: ChunkTask,
    batch: Batch,
    rows: ReadonlyMap<number, unknown>,
    columns: readonly ResultColumn[],
  ): Promise<ReadonlySet<number>> {
    try {
      const opened = (this.#opened ??= await this.#open());
      if (this.#contextIsNew && this.#context !== undefined) opened.decoder.setContext(this.#context);
      this.#contextIsNew = false;
      const { whole, decoder, rules } = opened;
      decoder.decode(chunk, whole, maxRecords);
      rules?.apply((record) => decoder.locate(record));
      return await this.#scoreRows(opened, pairsOf(batch, whole, rows), { columns, chunk: chunk.index });
    } catch (error) {
      throw asUnusable(error, this.#setup.modelPath);
    }
  }

  async close(): Promise<void> {
    await this.#opened?.session.close();
    this.#opened = undefined;
  }

  async #scoreRows(
    { whole, picked, scorer, collector }: Opened,
    pairs: readonly Pair[],
    { columns, chunk }: { readonly columns: readonly ResultColumn[]; readonly chunk: number },
  ): Promise<ReadonlySet<number>> {
    if (pairs.length === 0) return new Set();
    pick(whole, pairs, picked);
    collector.start(picked.rows);
    const faults = await scorer.score(picked, collector, chunk);
    const undecided = collector.undecided();
    const transfers = transfersBetween(collector.finish(), columns);
    const scored = pairs.filter((_, at) => !faults.has(at) && !undecided.has(at) && pairsTransfer(transfers, at, pairs));
    return new Set(scored.map(({ row }) => row));
  }

  async #open(): Promise<Opened> {
    const setup = this.#setup;
    const { layout, binding, blockRows, signature, modelPath, mixers } = setup;
    const session = await openSession(setup.modelBytes, signature, { threads: setup.threads });
    const blocks = { blockRows, fixedBatch: signature.fixedBatch !== undefined };
    if (setup.golden.length > 0) await proveGoldenRows(setup, openScorer(session, binding, blocks));
    // The rows that meet in a block are chance, and hang on how the input was cut: one that mixes them would give another result at each cut.
    const honesty = openHonestyCheck({ modelPath, signature, inputs: binding.inputs, mixers, everyBlock: true });
    const whole = new Batch(layout);
    return {
      session,
      scorer: openScorer(session, binding, { ...blocks, honesty }),
      whole,
      decoder: await openDecoder(setup.decoder, layout),
      collector: openCollector(setup.outputs),
      rules: hasRules(layout) ? new RowRules(whole) : undefined,
      picked: new Batch(layout),
    };
  }
}

/** A tensor row of the model, and that of the same record in the fallback's tensors. */
interface Pair {
  readonly row: number;
  readonly slot: number;
}

/** Records that the fallback cannot read have no slot, and are left out. */
function pairsOf(batch: Batch, whole: Batch, rows: ReadonlyMap<number, unknown>): Pair[] {
  const pairs: Pair[] = [];
  for (let record = 0; record < batch.records; record++) {
    const [row, slot] = [batch.slots[record] as number, whole.slots[record] as number];
    if (slot >= 0 && rows.has(row)) pairs.push({ row, slot });
  }
  return pairs;
}

/** Copies rows of `from` to the first rows of `into`: tensors may be views of the chunk, in which nothing may be moved. */
function pick(from: Batch, pairs: readonly Pair[], into: Batch): void {
  into.reset(pairs.length);
  from.tensors.forEach(({ width, values }, index) => {
    const target = (into.tensors[index]?.values ?? []) as unknown as unknown[];
    const source = values as unknown as readonly unknown[];
    pairs.forEach(({ slot }, at) => {
      for (let cell = 0; cell < width; cell++) target[at * width + cell] = source[slot * width + cell];
    });
  });
  into.acceptRun(pairs.length);
}

/** By column of the model. The plan has proven that the fallback has one for each. */
function transfersBetween(from: readonly ResultColumn[], into: readonly ResultColumn[]): readonly Transfer[] {
  return into.flatMap((column) => {
    const source = from.find(({ field }) => field.name === column.field.name);
    return source === undefined ? [] : [openTransfer(source, column)];
  });
}

function pairsTransfer(transfers: readonly Transfer[], at: number, pairs: readonly Pair[]): boolean {
  const row = pairs[at]?.row ?? 0;
  return transfers.every((transfer) => transfer(at, row));
}
