import { InputError } from '../errors/errors.js';

/** A kind of file that is not read, told by its first bytes. */
interface Foreign {
  readonly title: string;
  readonly start: readonly number[] | ((head: Uint8Array) => boolean);
  readonly fix: (name: string) => string;
}

const unpack = (tool: string) => (name: string) => `Unpack it first, and pipe it in: ${tool} ${name} | scoreline ...`;
const save = (program: string) => () => `Save it as CSV or Arrow first${program}.`;
const recode = (name: string) => `Convert it first, and pipe it in: iconv -f UTF-32 -t UTF-8 ${name} | scoreline ...`;

/** Longer starts before shorter ones that they begin with. */
const FOREIGN: readonly Foreign[] = [
  { title: 'a gzip file', start: [0x1f, 0x8b], fix: unpack('gunzip -c') },
  { title: 'a zstd file', start: [0x28, 0xb5, 0x2f, 0xfd], fix: unpack('zstd -dc') },
  { title: 'a bzip2 file', start: [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], fix: unpack('bunzip2 -c') },
  { title: 'an xz file', start: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], fix: unpack('xz -dc') },
  { title: 'a zip file (a workbook of Excel is one, too)', start: [0x50, 0x4b, 0x03, 0x04], fix: save(', or unpack it') },
  { title: 'an old Excel workbook', start: [0xd0, 0xcf, 0x11, 0xe0], fix: save('') },
  {
    title: 'a Parquet file',
    start: [0x50, 0x41, 0x52, 0x31, 0x15],
    fix: save(': with pyarrow, pyarrow.feather.write_feather(pyarrow.parquet.read_table(...), ...)'),
  },
  { title: 'a Feather file of version 1', start: [0x46, 0x45, 0x41, 0x31, 0x00], fix: save(': version 2 of Feather is Arrow') },
  { title: 'text in UTF-32', start: [0xff, 0xfe, 0x00, 0x00], fix: recode },
  { title: 'text in UTF-32', start: [0x00, 0x00, 0xfe, 0xff], fix: recode },
  { title: 'an ONNX model', start: isModel, fix: (name) => `Give it as the model, -m ${name}, and as the input the data.` },
];

const [IR_VERSION, PRODUCER_NAME, GRAPH] = [0x08, 0x12, 0x3a];
const [GRAPH_NODE, GRAPH_NAME] = [0x0a, 0x12];

/** The tags of a ModelProto of ONNX: the small version that it starts with, and behind it the name of a producer, or the graph with its first node or its name. */
function isModel(head: Uint8Array): boolean {
  const [tag, version = 0, next, ...rest] = head;
  if (tag !== IR_VERSION || version === 0 || version >= 0x20) return false;
  if (next === PRODUCER_NAME) return rest.slice(1, 3).every((byte) => byte >= 0x20 && byte < 0x7f) && rest.length >= 3;
  if (next !== GRAPH) return false;
  const inGraph = rest[rest.findIndex((byte) => byte < 0x80) + 1];
  return inGraph === GRAPH_NODE || inGraph === GRAPH_NAME;
}

/** Throws InputError (`foreign-format`) where the first bytes are those of a well-known kind of file that is neither CSV nor Arrow. */
export function refuseForeign(head: Uint8Array, name: string): void {
  const kind = FOREIGN.find(({ start }) => (typeof start === 'function' ? start(head) : start.every((byte, at) => head[at] === byte)));
  if (kind === undefined) return;
  throw new InputError('foreign-format', `found ${kind.title}, expected CSV or Arrow`, {
    place: { file: name, byte: 0 },
    fix: kind.fix(name === 'stdin' || name === 'stream' ? 'FILE' : name),
    details: { found: kind.title },
  });
}
