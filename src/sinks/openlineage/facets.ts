import { version } from '../../version.js';
import type { Columns, EndFacts, Figure, StartFacts } from '../event.js';

/** Who made the metadata. */
export const PRODUCER = `urn:scoreline:${version}`;

const SPEC = 'https://openlineage.io/spec/facets';

/** Facets that are used, by the key that they have in an event: the version of their schema, and its name. */
const SCHEMAS = {
  parent: ['1-2-0', 'ParentRunFacet'],
  processing_engine: ['1-1-1', 'ProcessingEngineRunFacet'],
  errorMessage: ['1-0-1', 'ErrorMessageRunFacet'],
  tags: ['1-0-0', 'TagsRunFacet'],
  jobType: ['2-0-4', 'JobTypeJobFacet'],
  schema: ['1-2-0', 'SchemaDatasetFacet'],
  version: ['1-0-1', 'DatasetVersionDatasetFacet'],
  dataQualityMetrics: ['1-0-3', 'DataQualityMetricsInputDatasetFacet'],
  dataQualityAssertions: ['1-1-0', 'DataQualityAssertionsDatasetFacet'],
  inputStatistics: ['1-0-0', 'InputStatisticsInputDatasetFacet'],
  outputStatistics: ['1-0-2', 'OutputStatisticsOutputDatasetFacet'],
} as const satisfies Readonly<Record<string, readonly [version: string, name: string]>>;

export type FacetKey = keyof typeof SCHEMAS;

export type Facets = Readonly<Record<string, unknown>>;

/** One facet under its key, as a member of `facets`, `inputFacets` or `outputFacets`. */
export function facet(key: FacetKey, members: Readonly<Record<string, unknown>>): Facets {
  const [at, name] = SCHEMAS[key];
  return { [key]: { _producer: PRODUCER, _schemaURL: `${SPEC}/${at}/${name}.json#/$defs/${name}`, ...members } };
}

export function schemaFacet(columns: Columns['input'] | undefined): Facets {
  if (columns === undefined) return {};
  return facet('schema', {
    fields: columns.map(({ name, type }, index) => ({ name, ...(type === undefined ? {} : { type }), ordinal_position: index + 1 })),
  });
}

export function versionFacet(sha256: string | null | undefined): Facets {
  return sha256 === null || sha256 === undefined ? {} : facet('version', { datasetVersion: sha256 });
}

export function engineFacet({ versions }: Pick<StartFacts, 'versions'>): Facets {
  return facet('processing_engine', { name: 'Scoreline', version: versions.scoreline, openlineageAdapterVersion: version });
}

export function errorFacet(error: { readonly code: string; readonly message: string } | undefined): Facets {
  return error === undefined ? {} : facet('errorMessage', { message: `${error.message} (${error.code})`, programmingLanguage: 'TypeScript' });
}

/** The user's labels; that of the job is in the job's name. */
export function tagsFacet({ labels }: Pick<StartFacts, 'labels'>): Facets {
  const tags = Object.entries(labels).filter(([key]) => key !== 'job').map(([key, value]) => ({ key, value, source: 'USER' })); // prettier-ignore
  return tags.length === 0 ? {} : facet('tags', { tags });
}

export function jobTypeFacet(jobType: 'JOB' | 'TASK'): Facets {
  const emissionPattern = { eventTrigger: 'EVENT_BASED', eventContentMode: 'ACCUMULATIVE' };
  return facet('jobType', { processingType: 'BATCH', integration: 'SCORELINE', jobType, emissionPattern });
}

/** What is known of the data that was read: never more than counts, bounds and quantiles of a column. */
export function inputFacets(record: EndFacts): Facets {
  const { input } = record;
  if (input === undefined) return {};
  const metrics = { rowCount: input.rows, bytes: input.bytes, fileCount: 1, columnMetrics: columnMetrics(record) };
  return {
    ...facet('inputStatistics', { rowCount: input.rows, size: input.bytes, fileCount: 1 }),
    ...facet('dataQualityMetrics', metrics),
    ...assertionsFacet(record),
  };
}

function columnMetrics({ missing = [], ranges = [], profile }: EndFacts): Readonly<Record<string, unknown>> {
  const missed = new Map(missing.map(({ column, rows }) => [column, rows]));
  const found = new Map<string, Readonly<Record<string, number | Readonly<Record<string, number>> | undefined>>>();
  for (const { column } of missing) found.set(column, { nullCount: missed.get(column) });
  for (const { column, min, max } of ranges) found.set(column, { nullCount: missed.get(column) ?? 0, min: finite(min), max: finite(max) });
  for (const { name, count, missing: nullCount, distinct: distinctCount, min, max, quantiles } of profile?.columns ?? []) {
    const figures = { count, nullCount, distinctCount, min: finite(min), max: finite(max), quantiles: quantilesOf(quantiles) };
    found.set(name, { ...found.get(name), ...defined(figures) });
  }
  return Object.fromEntries([...found].map(([name, figures]) => [name, defined(figures)])); // a name such as __proto__ stays a name
}

/** `p05` as `0.05`. */
function quantilesOf(quantiles: Readonly<Record<string, Figure>> | null | undefined): Readonly<Record<string, number>> | undefined {
  if (quantiles === null || quantiles === undefined) return undefined;
  const known = Object.entries(quantiles).flatMap(([name, value]) => {
    const number = finite(value);
    return number === undefined ? [] : [[String(Number(name.slice(1)) / 100), number] as const];
  });
  return Object.fromEntries(known);
}

/** As JSON can have it; an integer beyond 2^53 to the nearest. */
function finite(value: Figure | null | undefined): number | undefined {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function defined<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** Gates are assertions: one that only warns does not keep the output back. */
function assertionsFacet({ gates }: EndFacts): Facets {
  if (gates === undefined || gates === null || gates.length === 0) return {};
  const assertions = gates.map(({ name, column, value, min, max, level, verdict }) => ({
    assertion: name,
    success: verdict === 'pass',
    ...(column === null ? {} : { column }),
    severity: level === 'warn' ? 'warn' : 'error',
    expected: [...(min === null ? [] : [`>= ${min}`]), ...(max === null ? [] : [`<= ${max}`])].join(' and '),
    ...(value === null ? {} : { actual: String(value) }),
  }));
  return facet('dataQualityAssertions', { assertions });
}
