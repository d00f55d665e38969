import { basename } from 'node:path';
import { contractPathOf, readContract } from '../../contract/load.js';
import { without } from '../../contract/without.js';
import { contractText } from '../../contract/write.js';
import { ContractError, OutputError } from '../../errors/errors.js';
import type { StatusName } from '../../errors/statuses.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { explainContract } from '../profile/explain.js';
import type { PROFILE_FLAGS } from '../profile/flags.js';
import { engineOptions, missingModel } from '../score-options.js';
import { usageError } from '../usage.js';

/** `scoreline profile`: reads training data once and writes the model's contract; with --explain it shows one. Throws as `score` does, and `output-exists`. */
export async function runProfile(settings: SettingsOf<typeof PROFILE_FLAGS>, { effects, reporter }: Context): Promise<StatusName> {
  const { explain, model, input, target, date, output, update, force, id: ids = [], ...reading } = settings;
  if (explain !== undefined) {
    effects.stdout.write(explainContract(await readContract(explain), effects.stdout.columns));
    return 'ok';
  }
  if (model === undefined) throw missingModel('profile', 'scoreline profile train.csv -m churn.onnx --target left');
  if (input === undefined) throw usageError('missing-input', 'no training data is given', `Name a file: scoreline profile TRAIN -m ${model}`);
  const path = output ?? contractPathOf(model);
  const old = update === true ? await readContract(path) : undefined;
  if (old === undefined && force !== true && path !== '-' && exists(path, effects.readText)) throw contractExists(path);
  const { profileData } = await import('../../run/profile/profile-data.js');
  const { makeContract, updateContract } = await import('../../run/profile/make-contract.js');
  const options = { ...engineOptions(reading), model, input, signal: effects.signal };
  const data = await profileData({ options, contract: old, target: target ?? old?.target?.column, ids, date });
  const measured = { data, ids, target, source: basename(input), at: effects.now() };
  const contract = old === undefined ? makeContract(measured) : updateContract(without(old, 'path', 'sha256'), measured);
  await writeContract(path, contractText(contract), old !== undefined || force === true);
  if (data.untold > 0) {
    reporter.warnings([{ code: 'unknown-target', message: `${data.untold} rows have a target that the model does not know: metrics leave them out`, count: data.untold }]);
  }
  return 'ok';
} // prettier-ignore

function exists(path: string, readText: (path: string) => string): boolean {
  try {
    readText(path);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'));
  }
  return true;
}

function contractExists(path: string): ContractError {
  return new ContractError('contract-exists', `there is a contract at ${path} already`, {
    place: { file: path },
    fix: 'Give --update to measure it anew and keep what people have written in it, --force to replace it, or another path with -o.',
  });
}

/** Appears whole. */
async function writeContract(path: string, text: string, replaces: boolean): Promise<void> {
  const [{ openOutput }, { publish }] = await Promise.all([import('../../publish/open.js'), import('../../publish/commit.js')]);
  try {
    const output = await openOutput(path, { noClobber: !replaces });
    await output.write(Buffer.from(text));
    await publish({ output });
  } catch (error) {
    if (error instanceof OutputError && error.code === 'output-exists') throw contractExists(path);
    throw error;
  }
}
