import { basename, dirname, extname, join } from 'node:path';
import type { Contract } from '../../contract/contract.js';
import { contractPathOf, readContract } from '../../contract/load.js';
import { CONTRACT_HEAD_BYTES, isContractText } from '../../contract/recognise.js';
import { without } from '../../contract/without.js';
import { contractText } from '../../contract/write.js';
import { ContractError, OutputError } from '../../errors/errors.js';
import type { StatusName } from '../../errors/statuses.js';
import type { OwnKind } from '../../publish/own-file.js';
import type { ContractText } from '../../run/profile/make-contract.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { explainContract } from '../profile/explain.js';
import type { PROFILE_FLAGS } from '../profile/flags.js';
import { notesOfData } from '../profile/notes.js';
import { engineOptions, missingModel } from '../score-options.js';
import { usageError } from '../usage.js';

type Settings = SettingsOf<typeof PROFILE_FLAGS>;

const CONTRACT: OwnKind = { kind: 'a contract', headBytes: CONTRACT_HEAD_BYTES, isOwn: isContractText };

/** What a contract is made from. */
interface Making {
  readonly settings: Settings;
  readonly input: string;
  /** To be measured anew. */
  readonly old: Contract | undefined;
  readonly context: Context;
}

/** A contract that is made. */
interface Made {
  readonly contract: ContractText;
  /** Rows that it says nothing of. */
  readonly rejected: number;
}

/** `scoreline profile`: reads training data once and writes a contract, of a model or of the data alone; with --explain it shows one. Throws as `score` does, `contract-exists` and `output-foreign`. */
export async function runProfile(settings: Settings, context: Context): Promise<StatusName> {
  const { explain, model, output, update, force } = settings;
  const { effects, reporter } = context;
  if (explain !== undefined) {
    effects.stdout.write(explainContract(await readContract(explain), effects.stdout.columns));
    return 'ok';
  }
  if (settings.input === undefined && effects.stdin.isTTY) throw missingData(model);
  const input = settings.input ?? '-';
  const path = output ?? (model === undefined ? pathBesideData(input) : contractPathOf(model));
  const { refuseInputs, standingAt } = await import('../../publish/own-file.js');
  await refuseInputs('the contract', path, [['the training data', input], ['the model', model]]); // prettier-ignore
  const replaces = update === true || force === true;
  const old = update === true ? await readContract(path) : undefined;
  if ((await standingAt(path, CONTRACT)) === 'own' && !replaces) throw contractExists(path);
  const making = { settings, input, old, context };
  const { contract, rejected } = await (model === undefined ? ofData(making) : ofModel(making, model));
  await writeContract(path, contractText(contract), replaces);
  reporter.profiled({ contract: path, rows: contract.baseline?.rows ?? 0, columns: contract.schema?.fields.length ?? 0, rejected });
  return 'ok';
} // prettier-ignore

async function ofModel({ settings, input, old, context: { effects, reporter } }: Making, model: string): Promise<Made> {
  const { target = old?.target?.column, date, id: ids = [] } = settings;
  refuseTargetAsId(target, settings.id ?? old?.ids ?? []);
  const { profileData } = await import('../../run/profile/profile-data.js');
  const { makeContract, updateContract } = await import('../../run/profile/make-contract.js');
  const options = { ...readingOptions(settings), model, input, signal: effects.signal };
  const data = await profileData({ options, contract: old, target, ids, date });
  const measured = { data, ids, target, source: basename(input), at: effects.now(), nullValues: options.nullValues };
  if (data.untold > 0) {
    reporter.warnings([{ code: 'unknown-target', message: `${data.untold} row${data.untold === 1 ? ' has' : 's have'} a target that the model does not know: metrics leave them out`, count: data.untold }]);
  }
  return { contract: old === undefined ? makeContract(measured) : updateContract(without(old, 'path', 'sha256'), measured), rejected: data.rejected };
} // prettier-ignore

/** Without a model there is nothing to be said of features, classes and scores. */
async function ofData({ settings, input, old, context: { effects, reporter } }: Making): Promise<Made> {
  if (old?.model !== undefined) throw missingModel('profile --update', `scoreline profile ${input} -m MODEL --update: the contract belongs to a model, and is measured anew with it`);
  const pointless = (['features', 'bind', 'batchRows', 'threads', 'maxModelSize'] as const).find((name) => settings[name] !== undefined);
  if (pointless !== undefined) throw pointlessFlag(pointless);
  const { target = old?.target?.column, date, id: ids = old?.ids ?? [] } = settings;
  refuseTargetAsId(target, ids);
  const { studyData } = await import('../../run/profile/study-data.js');
  const { dataContract, updateDataContract } = await import('../../run/profile/data-contract.js');
  const options = { ...readingOptions(settings), input, signal: effects.signal };
  const data = await studyData({ options, target, ids, date });
  reporter.warnings(notesOfData(data));
  const studied = { data, ids, target, source: basename(input), at: effects.now(), nullValues: options.nullValues };
  return { contract: old === undefined ? dataContract(studied) : updateDataContract(without(old, 'path', 'sha256'), studied), rejected: data.rejected };
} // prettier-ignore

/** How the data is read. */
function readingOptions(settings: Settings): ReturnType<typeof engineOptions> {
  return engineOptions(without(settings, 'explain', 'model', 'input', 'target', 'date', 'output', 'update', 'force', 'id'));
}

/** `train.contract.json` beside `train.csv`. */
function pathBesideData(input: string): string {
  if (input !== '-') return join(dirname(input), `${basename(input, extname(input))}.contract.json`);
  throw usageError('missing-flag', 'data from stdin has no name that its contract could have', 'Say where the contract goes: -o train.contract.json, or -o - for stdout.');
} // prettier-ignore

function missingData(model: string | undefined) {
  const line = `scoreline profile${model === undefined ? '' : ` -m ${model}`}`;
  return usageError('missing-input', 'no training data is given, and stdin is a terminal', `Name a file: ${line} TRAIN; or pipe it in: cat TRAIN | ${line} -o CONTRACT`);
} // prettier-ignore

/** What is predicted says of no row which one it is. Throws UsageError `conflicting-flags`. */
function refuseTargetAsId(target: string | undefined, ids: readonly string[]): void {
  if (target === undefined || !ids.includes(target)) return;
  throw usageError('conflicting-flags', `the column "${target}" is given as target and as id`, 'Name in --target what is predicted, and in --id what tells rows apart.');
} // prettier-ignore

function pointlessFlag(name: string) {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return usageError('conflicting-flags', `${flag} means nothing without a model`, `Add -m MODEL, or leave ${flag} out.`);
}

function contractExists(path: string): ContractError {
  return new ContractError('contract-exists', `there is a contract at ${path} already`, {
    place: { file: path },
    fix: 'Give --update to measure it anew and keep what people have written in it, --force to replace it, or another path with -o.',
  });
}

/** Appears whole. What stands there is looked at again: reading the data may have taken long. */
async function writeContract(path: string, text: string, replaces: boolean): Promise<void> {
  const { standingAt, writeOwn } = await import('../../publish/own-file.js');
  const standing = await standingAt(path, CONTRACT);
  if (standing === 'own' && !replaces) throw contractExists(path);
  try {
    await writeOwn(path, text, { noClobber: standing === 'nothing' && !replaces });
  } catch (error) {
    if (!(error instanceof OutputError) || error.code !== 'output-exists') throw error;
    await standingAt(path, CONTRACT);
    throw contractExists(path);
  }
}
