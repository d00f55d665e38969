/** What a file is that is no ONNX model, and what to do about it. */
export interface Impostor {
  readonly found: string;
  readonly fix: string;
}

const EXPORT = 'Export the trained model to ONNX (skl2onnx, onnxmltools, torch.onnx, or the library\'s own exporter) and give that file.'; // prettier-ignore
const AGAIN = 'Fetch or copy the file again.';

/** Names what the bytes are by what stands at their start; undefined for what may be a protobuf message. */
export function recogniseImpostor(bytes: Uint8Array): Impostor | undefined {
  if (bytes.length === 0) return { found: 'an empty file', fix: AGAIN };
  const magic = MAGIC.find(({ at, starts }) => Buffer.from(starts, 'latin1').every((byte, index) => bytes[at + index] === byte));
  if (magic !== undefined) return magic;
  const head = new TextDecoder().decode(bytes.subarray(0, 4096));
  return looksLikeText(bytes.subarray(0, 4096)) ? recogniseText(head.trimStart()) : undefined;
}

const MAGIC: readonly (Impostor & { readonly at: number; readonly starts: string })[] = [
  { at: 0, starts: '\x1f\x8b', found: 'a gzip file', fix: 'Unpack it first: gunzip.' },
  {
    at: 0,
    starts: 'PK\x03\x04',
    found: 'a zip file (PyTorch and Keras save such files too)',
    fix: `Unpack it first if the model is in it. ${EXPORT}`,
  },
  { at: 0, starts: '\x28\xb5\x2f\xfd', found: 'a zstd file', fix: 'Unpack it first: unzstd.' },
  { at: 0, starts: 'BZh', found: 'a bzip2 file', fix: 'Unpack it first: bunzip2.' },
  { at: 0, starts: '\xfd7zXZ\x00', found: 'an xz file', fix: 'Unpack it first: unxz.' },
  { at: 0, starts: '\x89HDF\r\n', found: 'an HDF5 file (Keras saves such files)', fix: EXPORT },
  { at: 0, starts: '%PDF', found: 'a PDF', fix: 'Give the path of an ONNX file.' },
  { at: 0, starts: 'CBM1', found: 'a CatBoost model', fix: "Save it with save_model(path, format='onnx')." },
  { at: 0, starts: 'binf', found: 'an XGBoost model', fix: EXPORT },
  { at: 0, starts: 'ARROW1', found: 'an Arrow file', fix: 'Give the path of an ONNX file with --model; data goes to --input.' },
  { at: 0, starts: 'PAR1', found: 'a Parquet file', fix: 'Give the path of an ONNX file with --model; data goes to --input.' },
  { at: 4, starts: 'ORTM', found: 'a model in the ORT format', fix: 'Give the ONNX file that it was made from.' },
  { at: 4, starts: 'TFL3', found: 'a TensorFlow Lite model', fix: EXPORT },
  { at: 0, starts: '\x80\x02', found: 'a Python pickle', fix: EXPORT },
  { at: 0, starts: '\x80\x03', found: 'a Python pickle', fix: EXPORT },
  { at: 0, starts: '\x80\x04', found: 'a Python pickle', fix: EXPORT },
  { at: 0, starts: '\x80\x05', found: 'a Python pickle', fix: EXPORT },
];

function recogniseText(text: string): Impostor {
  if (text.startsWith('version https://git-lfs.github.com/'))
    return { found: 'a Git LFS pointer, not the file it points to', fix: 'Fetch the file itself: git lfs pull.' };
  if (/^<(?:!doctype html|html|\?xml[^>]*>\s*<!doctype html)/i.test(text))
    return { found: 'an HTML page', fix: 'A download probably ended at a login or an error page. Fetch the file again.' };
  if (text.startsWith('tree\n') || text.startsWith('tree\r\n')) return { found: 'a LightGBM text model', fix: EXPORT };
  if (text.startsWith('{"learner"')) return { found: 'an XGBoost JSON model', fix: EXPORT };
  if (text.startsWith('{') || text.startsWith('[')) return { found: 'JSON', fix: EXPORT };
  if (text.startsWith('<')) return { found: 'XML', fix: EXPORT };
  return { found: 'text', fix: 'Give the path of an ONNX file with --model.' };
}

/** Text has no control characters but tab, newline, carriage return and form feed; an ONNX file starts with some. */
function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 ? byte !== 0x7f : byte === 9 || byte === 10 || byte === 12 || byte === 13); // prettier-ignore
}
