import type { Expected, MissingRule, ValueRule, ValueType } from '../batch/layout.js';
import { isFloat, isInteger, type ElementType } from '../batch/element.js';
import { orderOf } from '../batch/value-type.js';
import type { Action, ColumnRule, Contract } from '../contract/contract.js';
import { categoryTexts, missingText, type MissingValue, type SchemaField } from '../contract/table-schema.js';
import type { Known } from '../model/knowledge/known-of.js';
import type { ColumnKnowledge } from '../model/layout-of.js';
import type { ScoreOptions } from './options.js';

/** What the contract, the graph where the contract says nothing, and the wish of whoever runs it, say of a column's values: what they should be, and what becomes of those that are missing or other. Pure. */
export function expectations(
  contract: Contract | undefined,
  { onUnseen }: Pick<ScoreOptions, 'onUnseen'>,
  known: readonly (Known | undefined)[] = [],
): (column: { readonly name: string; readonly type: ElementType }) => ColumnKnowledge {
  const fields = new Map(contract?.schema?.fields.map((field) => [field.name, field]));
  const rules = new Map(Object.entries(contract?.rules ?? {}));
  const fills = new Map(Object.entries(contract?.fillMissing ?? {}));
  const ofGraph = new Map(known.flatMap((each) => (each?.categories === undefined ? [] : [[each.column, each.categories] as const])));
  return ({ name, type }) => {
    const field = fields.get(name);
    const rule = rules.get(name) ?? {};
    const asked = { ...rule, ...(onUnseen === undefined ? {} : { onUnseen }) };
    const nulls = nullsOf(field?.missingValues ?? contract?.schema?.missingValues);
    return {
      onMissing: missingRule(rule, fills.get(name)),
      expected: expectedOf(field, type, asked, ofGraph.get(name)),
      ...(nulls.length === 0 ? {} : { nulls }),
      ...(field?.constraints?.required === true ? { isRequired: true } : {}),
    };
  };
}

/** The empty cell is missing anyway. */
function nullsOf(missing: readonly MissingValue[] = []): readonly string[] {
  return missing.map(missingText).filter((text) => text !== '');
}

function missingRule({ onMissing, value }: ColumnRule, fill: string | undefined): MissingRule | undefined {
  if (onMissing === 'reject') return { kind: 'reject' };
  if (onMissing === 'value' && value !== undefined) return { kind: 'value', text: value };
  return fill === undefined ? undefined : { kind: 'value', text: fill };
}

/** Undefined where nothing is expected that a value could miss. */
function expectedOf(
  field: SchemaField | undefined,
  type: ElementType,
  rule: ColumnRule,
  ofGraph: readonly string[] | undefined,
): Expected | undefined {
  const categories = (field && (categoryTexts(field) ?? field.constraints?.enum?.map(String))) ?? ofGraph;
  const name = categories === undefined ? typeAsked(field, type) : undefined;
  const limit = (value: number | string | undefined): number | undefined => limitOf(value, name, type);
  const [min, max] = [limit(field?.constraints?.minimum), limit(field?.constraints?.maximum)];
  if (categories === undefined && name === undefined && min === undefined && max === undefined) return undefined;
  return {
    ...(categories === undefined ? {} : { categories }),
    ...(name === undefined ? {} : { type: { name, onWrong: valueRule(rule.onWrongType, rule.value) } }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    onUnseen: valueRule(rule.onUnseen, rule.value),
    onOutOfRange: valueRule(rule.onOutOfRange, rule.value),
  };
}

/** The type of a field where the model's input would take values of another type, too. */
function typeAsked({ type = 'any' }: Pick<SchemaField, 'type'> = {}, input: ElementType): ValueType | undefined {
  const asked = type === 'year' ? 'integer' : type;
  if (asked === 'any' || asked === 'string' || input === 'bool') return undefined;
  if (input === 'string') return asked;
  if (asked === 'boolean') return asked;
  return asked === 'integer' && isFloat(input) ? asked : undefined;
}

function limitOf(limit: number | string | undefined, asked: ValueType | undefined, input: ElementType): number | undefined {
  if (isFloat(input) || isInteger(input)) return typeof limit === 'number' ? limit : undefined;
  return limit === undefined || asked === undefined || input === 'bool' ? undefined : orderOf(asked, String(limit));
}

function valueRule(action: Action | undefined, value: string | undefined): ValueRule {
  if (action === 'value' && value !== undefined) return { kind: 'value', text: value };
  return { kind: action === 'missing' || action === 'reject' ? action : 'allow' };
}
