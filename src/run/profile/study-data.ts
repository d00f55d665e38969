import type { Layout } from '../../batch/layout.js';
import { detectFormat } from '../../format/detect.js';
import type { SourceColumn } from '../../format/format.js';
import { UNREADABLE_MARK } from '../../format/arrow/type.js';
import { openSplitter } from '../../format/open.js';
import { openSource } from '../../format/open-source.js';
import { DEFAULT_BLOCK_ROWS } from '../../model/blocks.js';
import { silenceTelemetry } from '../../model/telemetry.js';
import { ColumnEvidence } from '../../profile/column-evidence.js';
import { FINEST } from '../../profile/grid.js';
import { inferColumn, type DeclaredType, type InferredColumn } from '../../profile/infer.js';
import { Profile, type NumberResult } from '../../profile/profile.js';
import { cellsOf, type NumberSpec } from '../../profile/spec.js';
import { Accounting } from '../accounting.js';
import { Closers } from '../closers.js';
import { planCrew } from '../crew.js';
import { thisMachine } from '../machine.js';
import { planChunkBytes } from '../plan.js';
import { Pool } from '../pool.js';
import type { ChunkResult, StudyStart } from '../protocol.js';
import { checkOptions } from '../validate.js';
import { isDoubtfulHeader } from './judge-header.js';
import { checkColumns, noDates } from './named-columns.js';
import type { ProfileRequest } from './profile-data.js';
import { judgeData, readThrough } from './read-through.js';

/** Data that is looked at without a model. */
export type StudyRequest = Omit<ProfileRequest, 'options' | 'contract'> & { readonly options: Omit<ProfileRequest['options'], 'model'> };

/** What is known of data by its values alone. */
export interface StudiedData {
  readonly rows: number;
  /** In the order of the source: all but the target, and those that have no name of their own or cannot be read. */
  readonly columns: readonly InferredColumn[];
  readonly trainedThrough: string | undefined;
  readonly sha256: string;
  readonly rejected: number;
  /** Numbers stand where names are expected, such as may be names. */
  readonly isHeaderDoubtful: boolean;
}

/**
 * Reads data once, in the same workers as a run and without a model, and tells the types of its columns from their values. Neither workers nor chunks change the result.
 *
 * @throws as `score` does before it publishes; UsageError `unknown-column`; InputError `bad-header`, `no-dates`, `no-rows`.
 */
export async function studyData({ options, target, ids, date }: StudyRequest): Promise<StudiedData> {
  silenceTelemetry();
  checkOptions({ ...options, model: '-', output: '-' });
  const closers = new Closers();
  const stop = (): void => void closers.closeAll(options.signal?.reason as Error);
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const pool = await closers.add(new Pool());
    const source = await closers.add(await openSource(options.input));
    let chunkBytes = 0;
    const splitter = await openSplitter(await detectFormat(source, options.inputFormat), source, {
      csv: options.csv ?? {},
      nullValues: options.nullValues,
      chunkBytes: (columns) => (chunkBytes = planChunkBytes(columns, options.chunkBytes)),
      blockRows: DEFAULT_BLOCK_ROWS,
    });
    const isHeaderDoubtful = isDoubtfulHeader({ splitter, file: source.name, hasHeader: options.csv?.header !== false });
    const all = splitter.schema.columns;
    checkColumns({ columns: all.map(({ name }) => name), reads: [], target, ids, date });
    const readable = readableColumns(all);
    const kept = readable.filter(({ name }) => name !== target);
    const layout: Layout = { tensors: [], fields: [], kept: kept.map(({ name, column }) => ({ name, column })) };
    const declared = kept.map(({ type }) => declaredType(type, splitter.schema.format === 'csv'));
    const spec: NumberSpec = { kind: 'number', bits: FINEST, cells: cellsOf(kept.length) };
    const start: StudyStart = { study: { decoder: splitter.decoderSetup, declared, spec }, layout };
    const { workers } = planCrew({ askedWorkers: options.workers, askedThreads: 1, inputBytes: source.size, chunkBytes, modelBytes: 0, blockBytes: 0, machine: thisMachine() });
    pool.start(workers, start);
    await pool.ready();
    const accounting = new Accounting(layout, [], splitter.headLines);
    const seen = new Seen(kept.length, spec);
    await readThrough({ chunks: splitter.chunks(), inFlight: workers * 2 + 2, pool, splitter }, (result) => {
      accounting.add(result);
      seen.add(result);
    });
    judgeData(accounting, options.maxRejects, options.input);
    const trainedThrough = date === undefined ? undefined : seen.latest(kept.findIndex(({ name }) => name === date));
    if (date !== undefined && trainedThrough === undefined) throw noDates(options.input, date);
    return {
      rows: accounting.scored,
      columns: kept.map(({ name }, index) => seen.column(index, name, accounting.scored, declared[index] ?? 'any')),
      trainedThrough,
      sha256: source.digest(),
      rejected: accounting.rejected,
      isHeaderDoubtful,
    };
  } catch (error) {
    throw options.signal?.aborted === true ? options.signal.reason : error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await closers.closeAll();
  }
} // prettier-ignore

/** All chunks so far. */
class Seen {
  readonly #evidence: readonly ColumnEvidence[];
  readonly #profile: Profile;
  #numbers: readonly (NumberResult | undefined)[] | undefined;

  constructor(columns: number, spec: NumberSpec) {
    this.#evidence = Array.from({ length: columns }, () => new ColumnEvidence());
    this.#profile = new Profile({ fields: this.#evidence.map(() => spec), results: [] });
  }

  add({ study }: ChunkResult): void {
    if (study === undefined) return;
    study.columns.forEach((delta, index) => this.#evidence[index]?.add(delta));
    this.#profile.merge({ numbers: study.numbers, texts: [] });
  }

  latest(index: number): string | undefined {
    return this.#evidence[index]?.latest || undefined;
  }

  /** When all is read. */
  column(index: number, name: string, rows: number, declared: DeclaredType): InferredColumn {
    const numbers = (this.#numbers ??= this.#profile.fields() as (NumberResult | undefined)[])[index];
    const evidence = this.#evidence[index];
    if (evidence === undefined || numbers === undefined) throw new TypeError(`column ${index} was not looked at`);
    return inferColumn(name, rows, evidence, numbers, declared);
  }
}

/** Columns that can be read and that a name stands for, with their places in the source. */
function readableColumns(all: readonly SourceColumn[]): readonly (SourceColumn & { readonly column: number })[] {
  const times = new Map<string, number>();
  for (const { name } of all) times.set(name, (times.get(name) ?? 0) + 1);
  return all.flatMap((each, column) =>
    each.name !== '' && times.get(each.name) === 1 && !each.type.endsWith(UNREADABLE_MARK) ? [{ ...each, column }] : [],
  );
}

/** Cells of CSV may be anything; a column of Arrow is what its type says, of dates and truth values what their texts say. */
function declaredType(type: string, isCsv: boolean): DeclaredType {
  if (isCsv || /^(?:bool|date|timestamp)/.test(type)) return 'any';
  return /^(?:dictionary<)?(?:u?int|float|decimal)/.test(type) ? 'number' : 'text';
}
