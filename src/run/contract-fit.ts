import { allocate, type ElementType } from '../batch/element.js';
import type { TensorBuffer } from '../batch/batch.js';
import type { Field, Layout } from '../batch/layout.js';
import { describeReject, nullTexts, openFieldStore } from '../batch/store.js';
import type { ColumnRule, Contract } from '../contract/contract.js';
import type { FieldType, SchemaField } from '../contract/table-schema.js';
import { ContractError } from '../errors/errors.js';
import { didYouMean, nearMisses } from '../errors/nearest.js';
import type { Oddity } from '../check/text-judge.js';
import { openReaders } from '../check/value-reader.js';

/**
 * What a contract says must be said of columns that the model reads, and be something that can happen to their values: else nobody would keep it. One that was made of data alone
 * may go beyond what this model reads.
 */
export function checkFit(layout: Layout, contract: Contract | undefined): void {
  if (contract === undefined) return;
  checkFills(layout, contract);
  for (const field of contract.schema?.fields ?? []) checkField(layout, contract, field);
  for (const [column, rule] of Object.entries(contract.rules ?? {})) checkRule(layout, contract, column, rule);
}

/** @throws ContractError `fill-invalid`. */
function checkFills(layout: Layout, contract: Contract): void {
  for (const [column, text] of Object.entries(contract.fillMissing ?? {})) {
    const fields = layout.fields.filter((field) => field.name === column);
    const wrong = (what: string): ContractError =>
      new ContractError('fill-invalid', `fillMissing of the contract gives ${JSON.stringify(text)} for the column "${column}": ${what}`, {
        place: { file: contract.path },
        fix: 'Correct the column or its text under fillMissing, or take it out.',
      });
    if (fields.length === 0) throw wrong(notRead(layout, column));
    for (const field of fields) {
      const fault = valueFault(field, text);
      if (fault !== undefined) throw wrong(fault);
    }
  }
}

/** @throws ContractError `field-invalid`. */
function checkField(layout: Layout, { path, model, ids = [], target }: Contract, { name, type = 'any', constraints, categories, missingValues }: SchemaField): void {
  const wrong = (what: string, fix: string): ContractError =>
    new ContractError('field-invalid', `the contract's field "${name}" does not fit the model: ${what}`, { place: { file: path }, fix });
  const fields = layout.fields.filter((field) => field.name === name);
  const foreign = fields.find((field) => !fits(type, field.type));
  if (foreign !== undefined) {
    throw wrong(`its type is ${type}, and the model takes ${foreign.type}`, `Give it a type of ${foreign.type === 'bool' ? 'boolean' : 'number, integer or boolean'} in the contract, or take the type out.`);
  }
  const asks = constraints !== undefined || categories !== undefined || missingValues !== undefined;
  if (fields.length > 0 || !asks || model === undefined || ids.includes(name) || target?.column === name) return;
  throw wrong(`${notRead(layout, name)}, so nobody would hold its values to what the contract says of them`, 'Correct its name, or take its constraints, categories and missingValues out.');
} // prettier-ignore

const TEXTS: ReadonlySet<FieldType> = new Set(['string', 'date', 'datetime', 'time', 'yearmonth', 'duration']);

/** May values of a type feed an input? A text may say anything; a number is no date. */
function fits(type: FieldType, input: ElementType): boolean {
  return input === 'string' || !TEXTS.has(type);
}

const ACTS_ON = { onMissing: 'missing', onUnseen: 'unseen', onOutOfRange: 'outOfRange', onWrongType: 'wrongType' } as const;
const KEYS = Object.keys(ACTS_ON) as (keyof typeof ACTS_ON)[];
const CALLED: Readonly<Record<Oddity, string>> = {
  unseen: 'none of the categories',
  outOfRange: 'out of range',
  wrongType: 'not of the type of the field',
};

/** @throws ContractError `rule-invalid`. */
function checkRule(layout: Layout, { path, model }: Contract, column: string, rule: ColumnRule): void {
  const wrong = (key: string, what: string): ContractError =>
    new ContractError('rule-invalid', `the contract's rule at rules.${column}${key === '' ? '' : `.${key}`} would never do what it says: ${what}`, {
      place: { file: path },
      fix: 'Correct the rule, or what the schema says of the column, or take it out.',
    });
  const fields = layout.fields.filter((field) => field.name === column);
  if (fields.length === 0 && model !== undefined) throw wrong('', notRead(layout, column));
  for (const field of fields) {
    const idle = KEYS.find((key) => rule[key] !== undefined && idleText(ACTS_ON[key], field) !== undefined);
    if (idle !== undefined) throw wrong(idle, idleText(ACTS_ON[idle], field) ?? '');
    const missing = KEYS.find((key) => rule[key] === 'missing');
    if (missing !== undefined && field.onMissing.kind === 'reject' && rule.onMissing !== 'reject') {
      throw wrong(missing, `an input of ${field.type} cannot be missing; expected allow, value or reject`);
    }
    if (rule.value !== undefined) checkValue(field, rule, rule.value, wrong);
  }
} // prettier-ignore

/** Why nothing of the kind can happen to a field. */
function idleText(what: Oddity | 'missing', { expected, type }: Field): string | undefined {
  if (what === 'outOfRange') return expected?.min === undefined && expected?.max === undefined ? `the contract has no range that a value of ${type} could lie outside` : undefined;
  if (what !== 'wrongType' || expected?.type !== undefined) return undefined;
  return expected?.categories === undefined ? `the type of the field asks no more than the model, which takes ${type}` : 'the column has categories: what is of another type is none of them, and onUnseen says what becomes of it';
} // prettier-ignore

function checkValue(field: Field, rule: ColumnRule, text: string, wrong: (key: string, what: string) => ContractError): void {
  const fault = valueFault(field, text);
  if (fault !== undefined) throw wrong('value', fault);
  const own = oddityOf(field, text);
  if (own === undefined) return;
  const key = KEYS.find((each) => ACTS_ON[each] === own);
  const isPut = KEYS.some((each) => each !== 'onMissing' && rule[each] === 'value');
  if (isPut || (key !== undefined && (rule[key] ?? 'allow') !== 'allow')) throw wrong('value', `${JSON.stringify(text)} is itself ${CALLED[own]}`);
}

/** A column of one row that holds the value. */
function cellOf(field: Field): { readonly field: Field; readonly tensor: TensorBuffer } {
  return { field: { ...field, at: 0 }, tensor: { type: field.type, width: 1, values: allocate(field.type, 1) } };
}

/** What keeps a text from being a value of a field. */
function valueFault(given: Field, text: string): string | undefined {
  const { field, tensor } = cellOf({ ...given, onMissing: { kind: 'value', text } });
  const stored = openFieldStore(field, tensor, nullTexts()).missing(0);
  return stored === 'missing' ? undefined : describeReject(stored === 'stored' ? 'missing-value' : stored, field, text);
}

function oddityOf(given: Field, text: string): Oddity | undefined {
  if (given.expected === undefined) return undefined;
  const { field, tensor } = cellOf({ ...given, onMissing: { kind: 'value', text } });
  openFieldStore(field, tensor, nullTexts()).missing(0);
  // what stands for a missing value is as expected; here it is looked at as any other
  for (const reader of openReaders({ ...field, onMissing: { kind: 'reject' } }, given.expected, tensor)) {
    reader.begin();
    const oddity = reader.oddity(0);
    if (oddity !== undefined) return oddity;
  }
  return undefined;
}

function notRead({ fields }: Layout, column: string): string {
  const names = [...new Set(fields.map(({ name }) => name))];
  return `the model does not read that column${didYouMean(nearMisses(column, names))}`;
}
