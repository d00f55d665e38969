import { keyOf, type Flag } from '../flag.js';
import { JOB_FLAGS } from '../job-keys.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What a job file may say, as a JSON Schema for editors: the job's own keys, as its schema has them, and the flags of `scoreline score`. */
export function jobFileSchema(own: { readonly properties: Readonly<Record<string, JsonSchema>>; readonly required: readonly string[] }): JsonSchema {
  const flags = Object.fromEntries(
    JOB_FLAGS.filter((flag) => !Object.hasOwn(own.properties, keyOf(flag))).map((flag) => [keyOf(flag), schemaOf(flag)]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A job of Scoreline',
    type: 'object',
    properties: { ...own.properties, ...flags },
    required: [...own.required, 'model', 'keep'],
    additionalProperties: false,
  };
}

/** Where a job does otherwise than `score`. */
const IN_JOBS: Readonly<Record<string, string>> = {
  keep: 'Columns copied to the output, unchanged: a list of names, or ids (of the contract), unused (that the model does not read), all or none.',
  rejects: 'Where rows that were not scored go, made from {stem}, {name}, {date} and {run}. Default: OUTPUT.rejects.csv.',
  journal: 'Where the record of each run is appended; may have placeholders. Default: JOB.journal.jsonl in the state folder.',
  stateDir: 'Folder of the ledger, the lock and the journal of the job. Default: $STATE_DIRECTORY (systemd), else the folder of the job file.',
  deadline: 'How long each input may take (124); runDeadline is for the whole run. Default: none.',
};

function schemaOf(flag: Flag): JsonSchema {
  const about = { description: IN_JOBS[keyOf(flag)] ?? (flag.default === undefined ? flag.help : `${flag.help} Default: ${flag.default}.`) };
  const example = 'example' in flag && !['pairs', 'list', 'texts', 'quote', 'character'].includes(flag.kind) ? { examples: [flag.example] } : {};
  return { ...shapeOf(flag), ...about, ...example };
}

const SCALAR = { type: ['string', 'number', 'boolean', 'null'] } as const;

function shapeOf(flag: Flag): JsonSchema {
  switch (flag.kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: flag.values };
    case 'list':
      return {
        anyOf: [
          { type: 'array', items: SCALAR, minItems: 1 },
          { type: 'string', ...(flag.keywords === undefined ? {} : { examples: flag.keywords }) },
        ],
      };
    case 'texts':
      return { anyOf: [{ type: 'array', items: SCALAR }, SCALAR] };
    case 'pairs':
      return { type: 'object', additionalProperties: SCALAR };
    case 'count':
      return { type: 'integer', minimum: flag.min, ...(flag.max === undefined ? {} : { maximum: flag.max }) };
    case 'limit':
    case 'share':
    case 'size':
      return { type: ['string', 'number'] };
    case 'duration':
      return { type: flag.bareMs === true ? ['string', 'number'] : 'string' };
    default:
      return { type: ['string', 'number'] };
  }
}
