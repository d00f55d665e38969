import type { RowReject } from '../batch/reject.js';
import { mergeKpis, type KpiCounts } from '../check/kpi.js';
import { emptyObservation, mergeObservation, type Observation, type ObservedResult } from '../check/observe.js';
import { RuleTally, type RuleTallySnapshot } from '../check/rule-tally.js';
import { restoreObservation, snapshotObservation, type ObservationSnapshot } from '../check/snapshot.js';
import type { Layout } from '../batch/layout.js';
import { Profile, type ProfileSnapshot } from '../profile/profile.js';
import type { ProfileSpec } from '../profile/spec.js';
import { DefectError } from '../errors/errors.js';
import { checkAccounting, type RowFigures } from '../journal/record.js';
import type { ChunkResult, StageSeconds } from './protocol.js';

/** The counts that are plain numbers. */
const SUMS = [
  'rowsIn',
  'scored',
  'rejected',
  'rowsOut',
  'chunks',
  'bytes',
  'contradictions',
  'checkedBlocks',
  'declinedChunks',
  'byFallback',
] as const satisfies readonly (keyof Accounting)[];

/** The accounts of a run between two chunks, as JSON keeps them. What was measured of the machine (`seconds`) is no part of them. */
export interface AccountingSnapshot {
  readonly sums: Readonly<Record<(typeof SUMS)[number], number>>;
  readonly lines: number;
  readonly firstReject: RowReject | null;
  readonly byCode: readonly (readonly [code: string, rows: number])[];
  readonly byColumn: readonly (readonly [column: string | null, codes: readonly (readonly [code: string, rows: number])[]])[];
  readonly observation: ObservationSnapshot;
  /** Absent where no profile is kept. */
  readonly profile?: ProfileSnapshot;
  /** Absent where nothing was expected. */
  readonly rules?: RuleTallySnapshot;
  /** Absent where the contract has no business figures. */
  readonly kpis?: KpiCounts;
}

/**
 * Every row of a run, counted at commit order: what the workers report is added up here and nowhere else, and positions that were relative to
 * a chunk become absolute.
 */
export class Accounting {
  rowsIn = 0;
  scored = 0;
  rejected = 0;
  /** Rows in the output, as the encoders counted them. */
  rowsOut = 0;
  chunks = 0;
  /** Bytes of the source whose rows are counted here. */
  bytes = 0;
  contradictions = 0;
  /** Blocks that were scored a second time to compare. */
  checkedBlocks = 0;
  /** Chunks that the byte decoder left to csv-parse. */
  declinedChunks = 0;
  /** Of the rows scored, those that the fallback scored. */
  byFallback = 0;
  firstReject: RowReject | undefined;
  /** `code` -> count. */
  readonly byCode = new Map<string, number>();
  /** column (null for the whole record) -> `code` -> count. */
  readonly byColumn = new Map<string | null, Map<string, number>>();
  observation: Observation;
  /** Undefined where none is kept. */
  profile: Profile | undefined;
  /** Undefined where nothing was expected of any field. */
  rules: RuleTally | undefined;
  /** Undefined where the contract has no business figures. */
  kpis: KpiCounts | undefined;
  readonly seconds = { decode: 0, check: 0, score: 0, encode: 0 };
  /** Physical lines before the next chunk. */
  #lines: number;
  readonly #spec: ProfileSpec | undefined;

  constructor(
    layout: Layout,
    readonly results: readonly ObservedResult[],
    headLines: number,
    spec?: ProfileSpec,
  ) {
    this.observation = emptyObservation(layout, results);
    this.#lines = headLines;
    this.#spec = spec;
    this.profile = spec && new Profile(spec);
  }

  /** Adds a chunk's share; gives its rejects with absolute row, line and byte. Chunks must come in input order. */
  add(result: ChunkResult): RowReject[] {
    const rejects = result.rejects.map((reject) => this.#absolute(reject, result.chunkOffset));
    this.firstReject ??= rejects[0];
    for (const reject of rejects) this.#count(reject);
    this.chunks++;
    this.bytes = result.chunkOffset + result.chunkBytes;
    this.rowsIn += result.records;
    this.scored += result.scored;
    this.rejected += rejects.length;
    this.byFallback += result.byFallback;
    this.rowsOut += result.encoded.rows;
    this.contradictions += result.contradictions;
    this.checkedBlocks += result.checkedBlocks;
    if (result.declined) this.declinedChunks++;
    this.#lines += result.lines;
    mergeObservation(this.observation, result.observation);
    if (result.observation.profile !== undefined) this.profile?.merge(result.observation.profile);
    if (result.observation.rules !== undefined) (this.rules ??= new RuleTally(this.observation.missing.length)).add(result.observation.rules);
    if (result.observation.kpis !== undefined) this.kpis = mergeKpis(this.kpis, result.observation.kpis);
    for (const stage of Object.keys(this.seconds) as (keyof StageSeconds)[]) this.seconds[stage] += result.seconds[stage];
    return rejects;
  }

  snapshot(): AccountingSnapshot {
    return {
      ...this.#rows(),
      observation: snapshotObservation(this.observation),
      ...(this.profile === undefined ? {} : { profile: this.profile.snapshot() }),
      ...(this.rules === undefined ? {} : { rules: this.rules.snapshot() }),
      ...(this.kpis === undefined ? {} : { kpis: this.kpis }),
    };
  }

  #rows(): Omit<AccountingSnapshot, 'observation' | 'profile' | 'rules' | 'kpis'> {
    return {
      sums: Object.fromEntries(SUMS.map((name) => [name, this[name]])) as AccountingSnapshot['sums'],
      lines: this.#lines,
      firstReject: this.firstReject ?? null,
      byCode: [...this.byCode],
      byColumn: [...this.byColumn].map(([column, codes]) => [column, [...codes]]),
    };
  }

  /** Goes on from what another run of the same plan has counted, before the first chunk. */
  restore(snapshot: AccountingSnapshot): void {
    for (const name of SUMS) this[name] = snapshot.sums[name];
    this.#lines = snapshot.lines;
    this.firstReject = snapshot.firstReject ?? undefined;
    for (const [code, rows] of snapshot.byCode) this.byCode.set(code, rows);
    for (const [column, codes] of snapshot.byColumn) this.byColumn.set(column, new Map(codes));
    this.observation = restoreObservation(snapshot.observation);
    this.rules = snapshot.rules && RuleTally.restore(snapshot.rules);
    this.kpis = snapshot.kpis;
    // a profile of the rows that are left would say nothing of the run
    this.profile = this.#spec && snapshot.profile && Profile.restore(this.#spec, snapshot.profile);
  }

  /** The rows as the journal keeps them. */
  figures(): RowFigures {
    return rowFigures(this.#rows());
  }

  /** rows in = scored + rejected, and each of them is where it should be. Throws DefectError: nothing may be published then. */
  assertWhole(expected: { readonly rowsOut: 'scored' | 'all'; readonly rejectsWritten: number | undefined }): void {
    checkAccounting(this.figures());
    const { rowsIn, scored, rejected, rowsOut } = this;
    const out = expected.rowsOut === 'all' ? rowsIn : scored;
    if (rowsOut !== out) throw new DefectError(`the output has ${rowsOut} rows where ${out} were expected`);
    if (expected.rejectsWritten !== undefined && expected.rejectsWritten !== rejected) {
      throw new DefectError(`the rejects file has ${expected.rejectsWritten} rows where ${rejected} were expected`);
    }
  }

  #absolute(reject: RowReject, chunkOffset: number): RowReject {
    return {
      ...reject,
      row: this.rowsIn + reject.row + 1,
      line: reject.line === null ? null : this.#lines + reject.line + 1,
      byte: chunkOffset + reject.byte,
    };
  }

  #count({ code, column }: RowReject): void {
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    const codes = this.byColumn.get(column) ?? new Map<string, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.byColumn.set(column, codes);
  }
}

/** The rows of some accounts as the journal keeps them. */
export function rowFigures({ sums, byCode, byColumn }: Omit<AccountingSnapshot, 'observation' | 'profile' | 'rules' | 'kpis'>): RowFigures {
  return {
    in: sums.rowsIn,
    scored: sums.scored,
    rejected: sums.rejected,
    ...(sums.byFallback > 0 ? { byFallback: sums.byFallback } : {}),
    byCode: Object.fromEntries(byCode),
    byColumn: byColumn.flatMap(([column, codes]) => codes.map(([code, rows]) => ({ column, code, rows }))),
  };
}
