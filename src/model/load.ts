import { ModelError } from '../errors/errors.js';
import { refuseBombs } from './bombs.js';
import { refuseChance } from './chance.js';
import { refuseExternalData } from './external.js';
import { familyOf, type Family } from './family.js';
import { writeModel } from './onnx/read.js';
import { countOperators } from './operators.js';
import { parseModel, type ParsedModel } from './parse.js';
import { quoted, readModelFile } from './read-file.js';
import { rowMixers } from './row-mixers.js';
import { isRules } from './rules/is-rules.js';
import { signatureOf } from './signature-of.js';
import type { Signature, ZipMapRewrite } from './signature.js';
import { replaceZipMaps } from './zipmap.js';

/** A model file read, checked and made ready for the runtime; no session yet. */
export interface LoadedModel {
  readonly path: string;
  /** Hex digest of the file as it is on the disk: what contracts and journals name. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** What the session loads: the file's bytes, or their rewriting where ZipMap had to go. Views of one buffer that nothing else uses. */
  readonly bytes: Uint8Array;
  readonly zipMaps: readonly ZipMapRewrite[];
  readonly signature: Signature;
  readonly family: Family;
  /** A graph of ONNX, or a file of rules; rules without a condition, which give every row the same, are a constant. */
  readonly kind: 'model' | 'rules' | 'constant';
  /** Name and version of the program that wrote it; empty where it does not say. */
  readonly producer: string;
  /** Operators that may mix rows, as rowMixers names them; none in the graphs of ordinary exporters. */
  readonly mixers: readonly string[];
  /** Has it operators that were fitted to values that a run can be compared with: encoders and scalers? */
  readonly knows: boolean;
}

/**
 * Reads a model and what it declares. Throws ModelError: what readModelFile, parseModel, refuseExternalData, signatureOf, refuseChance and refuseBombs
 * throw. Reads no file but this one, of at most `maxBytes`; starts no runtime. `known` is what an earlier call gave: where the file has the same bytes still, it is
 * not parsed again.
 */
export async function loadModel(path: string, maxBytes?: number, known?: LoadedModel): Promise<LoadedModel> {
  const { bytes, sha256 } = await readModelFile(path, maxBytes);
  if (known?.path === path && known.sha256 === sha256) return known;
  if (isRules(bytes)) return readRules(path, bytes, sha256);
  const { loaded, parsed } = readParsed(path, bytes, sha256);
  readLate(path, () => {
    refuseChance(parsed, path);
    refuseBombs(parsed, path);
  });
  return loaded;
}

/** As loadModel, with the parsed (and rewritten) file; takes models too that could not be scored for what their operators do. Rules have no graph. */
export async function openModel(
  path: string,
  maxBytes?: number,
): Promise<{ readonly loaded: LoadedModel; readonly parsed: ParsedModel | undefined }> {
  const { bytes, sha256 } = await readModelFile(path, maxBytes);
  return isRules(bytes) ? { loaded: await readRules(path, bytes, sha256), parsed: undefined } : readParsed(path, bytes, sha256);
}

async function readRules(path: string, bytes: Uint8Array, sha256: string): Promise<LoadedModel> {
  const { rulesModel } = await import('./rules/model.js');
  return rulesModel(path, bytes, sha256);
}

function readParsed(path: string, bytes: Uint8Array, sha256: string): { readonly loaded: LoadedModel; readonly parsed: ParsedModel } {
  return readLate(path, () => {
    const parsed = parseModel(bytes, path);
    refuseExternalData(parsed, path);
    const zipMaps = replaceZipMaps(parsed.graph);
    const signature = signatureOf(parsed, zipMaps, path);
    const ready = zipMaps.length === 0 ? bytes : writeModel(parsed.proto);
    const { proto, graph } = parsed;
    const operators = new Map(countOperators(proto, graph).map(({ name, count }) => [name, count]));
    const family = familyOf(operators);
    const knows = FITTED.some((name) => operators.has(name));
    const producer = `${proto.producerName} ${proto.producerVersion}`.trim();
    const mixers = rowMixers(parsed, signature);
    const loaded = {
      path,
      sha256,
      sizeBytes: bytes.length,
      bytes: ready,
      zipMaps,
      signature,
      family,
      kind: 'model',
      producer,
      mixers,
      knows,
    } as const;
    return { loaded, parsed };
  });
}

/** Operators that keep what values were like. */
const FITTED = ['OneHotEncoder', 'LabelEncoder', 'CategoryMapper', 'Scaler', 'Sub', 'Div', 'BatchNormalization', 'Equal'];

/** Attributes and weights are read late: what is wrong within them shows only then, and is then a ModelError `not-a-model`. */
export function readLate<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ModelError ? error : spoilt(error, path);
  }
}

/** The protobuf reader throws plain errors and RangeErrors, and the decoder of text a TypeError with a code. */
function spoilt(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error)) return cause;
  const notText = 'code' in cause && cause.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
  if (!notText && !(cause instanceof RangeError) && cause.constructor !== Error) return cause;
  return new ModelError('not-a-model', `model ${quoted(path)} is no ONNX file: found a graph that cannot be read (${cause.message})`, {
    place: { file: path },
    fix: 'Fetch or copy the file again; if it is the same then, export the model again.',
    cause,
  });
}
