import type { Expected, MissingRule, ValueRule } from '../batch/layout.js';
import { isFloat, isInteger, type ElementType } from '../batch/element.js';
import type { ColumnRule, Contract } from '../contract/contract.js';
import { categoryTexts, type SchemaField } from '../contract/table-schema.js';
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
    const rule = rules.get(name) ?? {};
    const asked = { ...rule, ...(onUnseen === undefined ? {} : { onUnseen }) };
    const categories = ofGraph.get(name);
    return {
      onMissing: missingRule(rule, fills.get(name)),
      expected:
        expectedOf(fields.get(name), type, asked) ??
        (categories && { categories, onUnseen: valueRule(asked.onUnseen, asked.value), onOutOfRange: { kind: 'allow' } }),
    };
  };
}

function missingRule({ onMissing, value }: ColumnRule, fill: string | undefined): MissingRule | undefined {
  if (onMissing === 'reject') return { kind: 'reject' };
  if (onMissing === 'value' && value !== undefined) return { kind: 'value', text: value };
  return fill === undefined ? undefined : { kind: 'value', text: fill };
}

function expectedOf(field: SchemaField | undefined, type: ElementType, rule: ColumnRule): Expected | undefined {
  if (field === undefined) return undefined;
  const categories = categoryTexts(field) ?? field.constraints?.enum?.map(String);
  const isNumber = isFloat(type) || isInteger(type);
  const [min, max] = isNumber ? [numberOf(field.constraints?.minimum), numberOf(field.constraints?.maximum)] : [];
  if (categories === undefined && min === undefined && max === undefined) return undefined;
  return {
    ...(categories === undefined ? {} : { categories }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    onUnseen: valueRule(rule.onUnseen, rule.value),
    onOutOfRange: valueRule(rule.onOutOfRange, rule.value),
  };
}

/** A limit of a date or a time is none of a number. */
function numberOf(limit: number | string | undefined): number | undefined {
  return typeof limit === 'number' ? limit : undefined;
}

function valueRule(action: ColumnRule['onUnseen'], value: string | undefined): ValueRule {
  if (action === 'value' && value !== undefined) return { kind: 'value', text: value };
  return { kind: action === 'missing' || action === 'reject' ? action : 'allow' };
}
