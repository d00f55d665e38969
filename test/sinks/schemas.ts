import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/*
 * OpenLineage's own JSON Schemas, as they stand in its repository (openlineage/README.md). The schema of an event says of a facet only that it has a producer and a schema; so each facet is
 * also held to the schema that it names itself.
 */
const FOLDER = join(import.meta.dirname, 'openlineage');

const formats = {
  uri: { type: 'string', validate: (text: string) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) },
  uuid: { type: 'string', validate: (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) },
  'date-time': { type: 'string', validate: (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) },
} as const;

const ajv = new Ajv2020({ strict: false, allErrors: true, formats });
for (const name of readdirSync(FOLDER)) if (name.endsWith('.json')) ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as object);

/** Everything that the schemas have against an event, and each facet whose schema is not among them; nothing where it is right. */
export function faultsOf(event: unknown): string[] {
  const faults = against('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent', event, 'event');
  for (const [at, facet] of facetsOf(event, 'event')) faults.push(...against(String((facet as { _schemaURL?: unknown })._schemaURL), facet, at));
  return faults;
}

function against(url: string, value: unknown, at: string): string[] {
  const validate = ajv.getSchema(url);
  if (validate === undefined) return [`${at}: no schema ${url}`];
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${at}${instancePath}: ${message ?? ''}`);
}

/** Members of all objects that are called facets, inputFacets or outputFacets. */
function facetsOf(value: unknown, at: string): (readonly [at: string, facet: unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    /^(?:facets|inputFacets|outputFacets)$/.test(name) && typeof member === 'object' && member !== null
      ? Object.entries(member).map(([key, facet]) => [`${at}.${name}.${key}`, facet as unknown] as const)
      : facetsOf(member, `${at}.${name}`),
  );
}
