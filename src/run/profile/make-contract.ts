import { isInteger, type ElementType } from '../../batch/element.js';
import type { Baseline } from '../../contract/baseline.js';
import type { Contract, OutputColumn } from '../../contract/contract.js';
import { without } from '../../contract/without.js';
import type { Plan } from '../plan.js';
import { discreet, fieldOf, instantText, TABLE_SCHEMA, missingTexts } from './fields.js';
import type { ProfiledData } from './profile-data.js';

/** A contract as it is written. */
export type ContractText = Omit<Contract, 'path' | 'sha256'>;

export interface Measured {
  readonly data: ProfiledData;
  readonly ids: readonly string[];
  readonly target: string | undefined;
  readonly source: string;
  readonly at: Date;
  /** What stood for a missing value beside the empty cell. */
  readonly nullValues?: readonly string[] | undefined;
}

/** A contract for a model, from what was seen of its training data. Pure. */
export function makeContract(measured: Measured): ContractText {
  const { data, ids, target } = measured;
  const { plan } = data;
  const reads = readsOf(plan);
  const columns = renamed(plan);
  return {
    version: 'scoreline.contract/1',
    model: { sha256: data.model.sha256 },
    features: reads,
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
    ...(ids.length === 0 ? {} : { ids }),
    ...(plan.outputs.classes === undefined || plan.outputs.classes.length < 2 ? {} : { classes: plan.outputs.classes }),
    ...(target === undefined ? {} : { target: { column: target } }),
    schema: {
      $schema: TABLE_SCHEMA,
      fields: [...ids.filter((id) => !reads.includes(id)).map((name) => ({ name, type: 'any' as const })), ...data.figures.columns.map((column) => fieldOf(column, fieldType(typeIn(plan, column.name))))],
      missingValues: missingTexts(measured.nullValues),
    },
    outputs: plan.outputs.fields.map(({ name, type }): OutputColumn => ({ name, type: fieldType(type) })),
    ...measurements(measured),
  };
} // prettier-ignore

/** The part that is measured: what `--update` makes anew. */
export function measurements({ data, source, at }: Measured): Pick<ContractText, 'trainedThrough' | 'metrics' | 'golden' | 'baseline'> {
  return {
    ...(data.trainedThrough === undefined ? {} : { trainedThrough: data.trainedThrough }),
    ...(data.metrics === undefined ? {} : { metrics: data.metrics }),
    golden: data.golden,
    baseline: baselineOf(data, source, at),
  };
}

/** A contract with its measurements made anew; what people have written in it stays, in its place. One that was never measured gets all that a new one has. */
export function updateContract(old: ContractText, measured: Measured): ContractText {
  const said = without(old, 'metrics');
  const kept = old.baseline === undefined && old.schema === undefined ? { ...makeContract(measured), ...said } : said;
  return { ...kept, model: { sha256: measured.data.model.sha256 }, ...measurements(measured) };
}

function baselineOf({ figures, sha256 }: ProfiledData, source: string, at: Date): Baseline {
  return {
    at: instantText(at),
    source: { name: source, sha256 },
    rows: figures.rows,
    columns: figures.columns.map(discreet),
    scores: figures.scores.map(discreet),
  };
}

function fieldType(type: ElementType): 'string' | 'boolean' | 'integer' | 'number' {
  return type === 'string' ? 'string' : type === 'bool' ? 'boolean' : isInteger(type) ? 'integer' : 'number';
}

function readsOf({ binding }: Plan): string[] {
  return [...new Set(binding.inputs.flatMap(({ columns }) => columns.map(({ name }) => name)))];
}

function typeIn({ layout }: Plan, name: string): ElementType {
  return layout.fields.find((field) => field.name === name)?.type ?? 'string';
}

/** Model input -> column, where a column feeds an input of another name. */
function renamed({ binding }: Plan): Record<string, string> {
  const single = binding.inputs.filter(({ width, columns }) => width === 1 && columns.length === 1);
  return Object.fromEntries(binding.orderFrom !== undefined ? [] : single.flatMap(({ name, columns: [column] }) => (column === undefined || column.name === name ? [] : [[name, column.name]])));
} // prettier-ignore
