import type { BaselineColumn } from '../../contract/baseline.js';
import type { FieldType, SchemaField } from '../../contract/table-schema.js';
import { without } from '../../contract/without.js';
import type { InferredColumn } from '../../profile/infer.js';
import { discreet, fieldOf, instantText, missingTexts, TABLE_SCHEMA } from './fields.js';
import type { ContractText, Measured } from './make-contract.js';
import type { StudiedData } from './study-data.js';

export type Studied = Omit<Measured, 'data'> & { readonly data: StudiedData };

/** A contract of data alone: schema and baseline, for any model whose inputs have these names. What speaks of a model is not in it. Pure. */
export function dataContract(studied: Studied): ContractText {
  const { data, ids, target } = studied;
  return {
    version: 'scoreline.contract/1',
    ...(ids.length === 0 ? {} : { ids }),
    ...(target === undefined ? {} : { target: { column: target } }),
    schema: { $schema: TABLE_SCHEMA, fields: data.columns.map((column) => dataField(column, ids)), missingValues: missingTexts(studied.nullValues) },
    ...measurementsOfData(studied),
  };
}

/** A contract of data alone with its measurements made anew; what people have written in it stays. */
export function updateDataContract(old: ContractText, studied: Studied): ContractText {
  const fresh = dataContract(studied);
  const kept = old.schema === undefined ? { ...fresh, ...without(old, 'baseline') } : old;
  return { ...kept, ...measurementsOfData(studied) };
}

function measurementsOfData({ data, ids, source, at }: Studied): Pick<ContractText, 'trainedThrough' | 'baseline'> {
  const columns = data.columns.filter((column) => !isId(column, ids)).map(({ figures }): BaselineColumn => discreet(figures));
  return {
    ...(data.trainedThrough === undefined ? {} : { trainedThrough: data.trainedThrough }),
    baseline: { at: instantText(at), source: { name: source, sha256: data.sha256 }, rows: data.rows, columns, scores: [] },
  };
}

function isId({ figures, isKey }: InferredColumn, ids: readonly string[]): boolean {
  return isKey || ids.includes(figures.name);
}

/** Of an id nothing is said that its values could be told from. */
function dataField(column: InferredColumn, ids: readonly string[]): SchemaField {
  const { figures, type } = column;
  if (ids.includes(figures.name) || type === 'nothing') return { name: figures.name, type: 'any' };
  if (column.isKey) return { name: figures.name, type: 'integer', constraints: { required: true } };
  const named: FieldType = type;
  return fieldOf(figures, named);
}
