import { contractPathOf } from '../../contract/load.js';
import { OutputError } from '../../errors/errors.js';
import type { StatusName } from '../../errors/statuses.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import type { INSPECT_FLAGS } from '../flags.js';
import { inspectJson } from '../inspect/json.js';
import { sampleCsv, sampleInput } from '../inspect/sample.js';
import { inspectText } from '../inspect/text.js';
import { missingModel } from '../score-options.js';
import { shellPath } from '../shell.js';

/**
 * `scoreline inspect`: prints what a model wants and returns; with --sample-input it writes a small input file too, or prints nothing but that. Throws what
 * inspectModel throws, `missing-model`, and what publishing a file throws (`output-exists` where there is one).
 */
export async function runInspect(settings: SettingsOf<typeof INSPECT_FLAGS>, { effects }: Context): Promise<StatusName> {
  const { model, json, sampleInput: target, maxModelSize } = settings;
  if (model === undefined) throw missingModel('inspect', 'scoreline inspect churn.onnx');
  const facts = await effects.inspectModel(model, maxModelSize);
  const sample = sampleInput(facts);
  const contract = contractBeside(facts.path, effects.readText);
  if (target === '-') {
    effects.stdout.write(sampleCsv(sample));
    return 'ok';
  }
  effects.stdout.write(json === true ? inspectJson(facts, contract) : inspectText(facts, effects.stdout.columns, contract));
  if (target === undefined) return 'ok';
  await writeSample(target, sampleCsv(sample));
  if (json !== true) {
    const words = ['scoreline score -m', shellPath(facts.path), ...sample.flags, shellPath(target)];
    effects.stdout.write(`\nThe sample\n  ${words.join(' ')}\n`);
  }
  return 'ok';
}

/** The contract that `score` would read by itself, undefined where there is none; one that cannot be read is there. */
function contractBeside(model: string, readText: Context['effects']['readText']): string | undefined {
  const path = contractPathOf(model);
  try {
    readText(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  }
  return path;
}

/** Appears whole; a file that is there already is not replaced. */
async function writeSample(path: string, text: string): Promise<void> {
  const [{ openOutput }, { publish }] = await Promise.all([import('../../publish/open.js'), import('../../publish/commit.js')]);
  try {
    const output = await openOutput(path, { noClobber: true });
    await output.write(Buffer.from(text)); // a sink that fails leaves nothing behind
    await publish({ output });
  } catch (error) {
    if (!(error instanceof OutputError) || error.code !== 'output-exists') throw error;
    throw new OutputError('output-exists', error.message, { place: error.place, fix: 'Remove it, or name another file.' });
  }
}
