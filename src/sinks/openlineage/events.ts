import { resolve } from 'node:path';
import type { Columns, EndFacts, JobEnd, JobRun, SinkEvent, StartFacts } from '../event.js';
import { isStream, jobName } from '../job-name.js';
import { engineFacet, errorFacet, facet, inputFacets, jobTypeFacet, PRODUCER, schemaFacet, tagsFacet, versionFacet, type Facets } from './facets.js';

/** An event of OpenLineage (spec/OpenLineage.json, RunEvent): plain JSON. */
export interface RunEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

export interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

const SCHEMA_URL = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** What an event needs beside what happened. */
export interface Context {
  readonly namespace: string;
  /** START of the run; undefined where it was never heard of. */
  readonly start: StartFacts | undefined;
  readonly columns: Columns | null;
  /** The run of a job that this run belongs to. */
  readonly parent: JobRun | undefined;
  /** Name of the job of a run whose START is not known. */
  readonly knownAs: string | undefined;
}

/** Statuses of runs that were stopped from outside: by SIGHUP, SIGINT, SIGTERM, or the reader of stdout. */
const STOPPED: ReadonlySet<number> = new Set([129, 130, 141, 143]);
const FINE: ReadonlySet<number> = new Set([0, 3]);

/** The event for a step of a run; undefined where it is not known which job that run was of. */
export function runEvent(event: SinkEvent, context: Context): RunEvent | undefined {
  const { start, parent, namespace } = context;
  const job = start === undefined ? context.knownAs : jobName(start);
  if (job === undefined) return undefined;
  const record: EndFacts = event.kind === 'COMMIT' || event.kind === 'FAIL' ? event.record : {};
  const died = event.kind === 'ABORT' ? { code: 'aborted', message: `the process of the run is gone: ${event.record.reason}` } : undefined;
  return {
    ...envelope(typeOf(event), event.at),
    run: {
      runId: event.run,
      facets: {
        ...(start === undefined ? {} : { ...engineFacet(start), ...tagsFacet(start) }),
        ...(parent === undefined ? {} : facet('parent', { run: { runId: parent.run }, job: { namespace, name: parent.job } })),
        ...errorFacet(record.error ?? died),
      },
    },
    // a job has one name as the whole, and another as the step that it does for each input
    job: { namespace, name: parent === undefined ? job : `${job}.score`, facets: jobTypeFacet(parent === undefined ? 'JOB' : 'TASK') },
    ...(start === undefined ? { inputs: [], outputs: [] } : datasets(event, start, record, context.columns)),
  };
}

/** The first event of a run of a job. */
export function jobStartEvent(run: JobRun, namespace: string): RunEvent {
  return jobEvent('START', run, run.at, namespace, {});
}

/** The last one. */
export function jobEndEvent(run: JobRun, end: JobEnd, namespace: string): RunEvent {
  const type = FINE.has(end.status) ? 'COMPLETE' : STOPPED.has(end.status) ? 'ABORT' : 'FAIL';
  return jobEvent(type, run, end.at, namespace, errorFacet(end.error));
}

function jobEvent(type: RunEvent['eventType'], { run, job }: JobRun, at: string, namespace: string, facets: Facets): RunEvent {
  return {
    ...envelope(type, at),
    run: { runId: run, facets },
    job: { namespace, name: job, facets: jobTypeFacet('JOB') },
    inputs: [],
    outputs: [],
  };
}

function envelope(eventType: RunEvent['eventType'], eventTime: string) {
  return { eventType, eventTime, producer: PRODUCER, schemaURL: SCHEMA_URL };
}

/** A run that was published has done so, whatever befell its journal afterwards: a later one will write its COMMIT. */
function typeOf(event: SinkEvent): RunEvent['eventType'] {
  switch (event.kind) {
    case 'START':
      return 'START';
    case 'COMMIT':
      return 'COMPLETE';
    case 'ABORT':
      return 'ABORT';
    case 'FAIL': {
      const { error } = event.record;
      if (error?.code === 'commit-not-recorded') return 'COMPLETE';
      return STOPPED.has(error?.status ?? 0) ? 'ABORT' : 'FAIL';
    }
  }
}

/** Files only: a stream has no name that another run could know it by. The model is read, too. On failure nothing was written, but for rejects. */
function datasets(event: SinkEvent, start: StartFacts, record: EndFacts, columns: Columns | null): Pick<RunEvent, 'inputs' | 'outputs'> {
  const isEnd = event.kind !== 'START';
  const { output, rejects, rows } = record;
  const size = output?.bytes;
  const input = file(start.input.path, { ...schemaFacet(columns?.input), ...versionFacet(record.input?.sha256) });
  const model = file(start.model.path, versionFacet(start.model.sha256));
  const written =
    isEnd && (output === null || output === undefined)
      ? []
      : file(start.output.path, { ...schemaFacet(columns?.output), ...versionFacet(output?.sha256) });
  const refused = rejects === null || rejects === undefined ? [] : file(rejects.path, versionFacet(rejects.sha256));
  return {
    inputs: [...input.map((dataset) => (isEnd ? { ...dataset, inputFacets: inputFacets(record) } : dataset)), ...model],
    outputs: [
      ...written.map((dataset) => (size === undefined ? dataset : { ...dataset, outputFacets: statistics(output?.rows, size) })),
      ...refused.map((dataset) => ({ ...dataset, outputFacets: statistics(rows?.rejected, rejects?.bytes) })),
    ],
  };
}

function statistics(rowCount: number | undefined, size: number | undefined): Facets {
  return facet('outputStatistics', { rowCount, size, fileCount: 1 });
}

/** By the naming conventions (spec/Naming.md): the local file system is the namespace `file`, and a path from its root the name. */
function file(path: string, facets: Facets): Dataset[] {
  return isStream(path) ? [] : [{ namespace: 'file', name: resolve(path), facets }];
}
