import type { Layout } from '../../batch/layout.js';
import type { Contract } from '../../contract/contract.js';
import { InputError } from '../../errors/errors.js';
import type { Chunk, FormatName, SourceSchema } from '../../format/format.js';
import { layoutOf } from '../../model/layout-of.js';
import type { LoadedModel } from '../../model/load.js';
import type { Closers } from '../../run/closers.js';
import { expectations } from '../../run/expectations.js';
import { knowledgeFor } from '../../run/knowledge-for.js';
import { lookahead, type Lookahead } from '../../run/lookahead.js';
import { thisMachine } from '../../run/machine.js';
import type { ScoreOptions } from '../../run/options.js';
import { bindColumns, planChunkBytes, planRun, type Plan, type PlanRequest } from '../../run/plan.js';
import { probeWidths } from '../../run/probe.js';
import type { FirstRows } from './first-rows.js';
import { matchColumns, type ColumnMatch, type MissingColumn } from './match-columns.js';

export interface PlanFirstRequest {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  readonly first: FirstRows;
  readonly outputFormat: FormatName;
  readonly closers: Closers;
}

/** What a run of the first rows would be. */
export interface PlannedFirst {
  readonly request: PlanRequest;
  /** Undefined where the run cannot be planned, not even as if columns had the names that are missing. */
  readonly plan: Plan | undefined;
  /** Of the columns that can be looked at; undefined where nothing says which the model reads. */
  readonly layout: Layout | undefined;
  /** Columns that are missing by their names. */
  readonly match: ColumnMatch;
  /** What the run would fail by. */
  readonly failure: unknown;
}

const ALL_THERE: ColumnMatch = { renamed: [], absent: [] };

/**
 * Plans a run as the run itself does. Where columns are missing by their names, the rest is planned as if those that are called nearly so had them: so that one
 * check shows everything. Throws nothing of the plan's: `failure` holds it.
 */
export async function planFirst(from: PlanFirstRequest): Promise<PlannedFirst> {
  const { options, model, contract, first, outputFormat } = from;
  const { schema, decoder, inputBytes } = first;
  const chunkBytes = planChunkBytes(schema.columns.length, options.chunkBytes);
  const request: PlanRequest = { options, model, contract, schema, decoder, outputFormat, inputBytes, chunkBytes, machine: thisMachine() };
  try {
    const plan = await planWhole(request, from);
    return { request, plan, layout: plan.layout, match: ALL_THERE, failure: undefined };
  } catch (failure) {
    const missing = missingIn(failure);
    if (missing === undefined) return { request, plan: undefined, layout: layoutFor(request), match: ALL_THERE, failure };
    return { ...(await planAsIf(request, missing, from)), failure };
  }
}

async function planWhole(request: PlanRequest, { first, closers }: Pick<PlanFirstRequest, 'first' | 'closers'>): Promise<Plan> {
  return planRun({ ...request, widths: await probeWidths(request, chunksOf(first.chunk), closers) });
}

/** The chunk as the only one of an input; its bytes are copied by whoever sends them to a worker. */
export function chunksOf(chunk: Chunk | undefined): Lookahead<Chunk> {
  return lookahead(
    (async function* () {
      await Promise.resolve();
      if (chunk !== undefined) yield chunk;
    })(),
  );
}

async function planAsIf(request: PlanRequest, missing: readonly MissingColumn[], from: PlanFirstRequest): Promise<Omit<PlannedFirst, 'failure'>> {
  const names = request.schema.columns.map(({ name }) => name);
  const wanted = wantedColumns(request, missing) ?? [];
  const match = matchColumns(missing, names, new Set([...wanted, ...(request.contract?.ids ?? [])]));
  const called = new Map(match.renamed.map(({ column, found }) => [found, column]));
  const renamed: PlanRequest = {
    ...request,
    options: { ...request.options, keep: 'none' },
    schema: { ...request.schema, columns: request.schema.columns.map(({ name, type }) => ({ name: called.get(name) ?? name, type })) },
  };
  if (match.absent.length > 0) return { request, plan: undefined, layout: layoutFor(withColumns(renamed, match.absent)), match };
  const plan = await planWhole(renamed, from).catch(() => undefined);
  return { request: renamed, plan, layout: plan?.layout ?? layoutFor(renamed), match };
}

/** The columns that the model reads, whether or not they are there; undefined where something else is wrong, too. */
function wantedColumns(request: PlanRequest, missing: readonly MissingColumn[]): readonly string[] | undefined {
  return layoutFor(withColumns(request, missing))?.fields.map(({ name }) => name);
}

/** As if the input had these columns, too: they stand behind its last one. */
function withColumns(request: PlanRequest, missing: readonly MissingColumn[]): PlanRequest {
  const there = new Set(missing.map(({ column }) => column));
  const schema: SourceSchema = { ...request.schema, columns: [...request.schema.columns, ...[...there].map((name) => ({ name, type: 'text' }))] };
  return { ...request, schema };
}

function layoutFor(request: PlanRequest): Layout | undefined {
  const { options, model, contract } = request;
  try {
    const binding = bindColumns(request);
    return layoutOf(binding, [], expectations(contract, options, knowledgeFor(model, binding, contract)));
  } catch {
    return undefined; // what is wrong is told by the failure of the plan
  }
}

function missingIn(error: unknown): readonly MissingColumn[] | undefined {
  if (!(error instanceof InputError) || error.code !== 'missing-column') return undefined;
  return error.details['missing'] as readonly MissingColumn[] | undefined;
}
