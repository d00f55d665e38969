// The shape of src as data: which folder may know which, and who alone may import a package. docs/architecture.md draws the same picture.

const GROUND = ['profile', 'batch', 'files', 'errors'];
const STEPS = ['format', 'model', 'contract', 'check', 'journal', 'publish', 'sinks', 'report'];

/** Folder of src -> folders that it may import from. A folder always may import from itself; `index` and `version` are files of src. */
export const MAY_IMPORT = {
  errors: [],
  batch: ['errors'],
  files: ['errors'],
  profile: ['batch', 'errors'],
  ...Object.fromEntries(STEPS.map((folder) => [folder, GROUND])),
  sinks: ['version', ...GROUND],
  version: [],
  run: ['version', ...STEPS, ...GROUND],
  job: ['run', 'version', ...STEPS, ...GROUND],
  index: ['job', 'run', 'version', ...STEPS, ...GROUND],
  cli: ['index', 'job', 'run', 'version', ...STEPS, ...GROUND],
};

/** Why a folder may not import what is not in its list. */
export const REASONS = {
  errors: 'everything may throw, so errors stand on nothing',
  files: 'locks, syncs and lines are what journal and publish stand on, so they know neither',
  profile: 'contract, checks, journal and reports all speak of what is known of a column, so it knows none of them',
  batch: 'the typed batch is what the steps hand to each other, so it knows none of them',
  ...Object.fromEntries(
    STEPS.map((folder) => [
      folder,
      'the steps know nothing of each other, so that each can be replaced and tested alone; what two of them share belongs in batch or files, and src/run joins them',
    ]),
  ),
  version: 'it is one constant',
  run: 'a run is the order of the steps; jobs and commands use it, it does not know who calls',
  job: 'a job decides which runs there are; the command line uses it, it does not know who calls',
  index: 'the library is what the command line is written on, not the other way round',
  cli: 'that has no place in the layout (tools/lint/architecture.mjs)',
};

/** Package -> the files of src that may import it, and why. */
export const NAMED_IMPORTERS = [
  {
    packages: ['onnxruntime-node', 'onnxruntime-common'],
    only: /^model\/ort-session\.ts$/,
    place: 'src/model/ort-session.ts',
    reason: 'telemetry must be switched off before the runtime is loaded anywhere, and one file can see to that; the rest talks to model/session.ts',
  },
  {
    packages: ['@bufbuild/protobuf'],
    only: /^model\/onnx[^/]*(\/.+)?$/,
    place: 'src/model/onnx',
    reason: 'the rest of the product sees the signature, not the encoding of the file',
  },
  {
    packages: ['csv-parse', 'csv-stringify'],
    only: /^format\/csv\//,
    place: 'src/format/csv/',
    reason: 'there is one grammar of CSV, with its engines behind one interface',
  },
  {
    packages: ['apache-arrow'],
    only: /^format\/arrow\//,
    place: 'src/format/arrow/',
    reason: 'the rest of the product sees batches, not the library that decodes them',
  },
  {
    packages: ['@bokuweb/zstd-wasm'],
    only: /^format\/arrow\/codec\/zstd-wasm\.ts$/,
    place: 'src/format/arrow/codec/zstd-wasm.ts',
    reason: 'it is started once a thread, and only where Node has no zstd of its own',
  },
  {
    packages: ['valibot'],
    only: /^(contract|job)\/schema\.ts$/,
    place: 'the schema.ts of src/contract and src/job',
    reason: 'a schema gives typed values, and what reads them does not care what proved them',
  },
  {
    packages: ['yaml'],
    only: /^files\/yaml\.ts$/,
    place: 'src/files/yaml.ts',
    reason: 'what reads a job or rules sees keys and values with their places, not the tree of a parser',
  },
  {
    packages: ['@marcbachmann/cel-js'],
    only: /^model\/rules\/condition\.ts$/,
    place: 'src/model/rules/condition.ts',
    reason: 'what a condition may call is decided in one place',
  },
  {
    packages: ['picomatch'],
    only: /^job\/glob\.ts$/,
    place: 'src/job/glob.ts',
    reason: 'there is one grammar of patterns, for what is read and for what may not be written',
  },
  {
    packages: ['@observablehq/plot', 'linkedom'],
    only: /^report\/svg\/draw\.ts$/,
    place: 'src/report/svg/draw.ts',
    reason: 'a report says what is to be drawn, and is tested without a library that draws; only the page loads one',
  },
  {
    packages: ['commander', 'cli-progress'],
    only: /^cli\//,
    place: 'src/cli/',
    reason: 'the library must work without a command line',
  },
];

/** Calls that decide what survives a crash. */
export const DURABLE = {
  names: ['rename', 'renameSync', 'link', 'linkSync', 'fsync', 'fsyncSync', 'fdatasync', 'fdatasyncSync'],
  /** Methods of a FileHandle. */
  methods: ['sync', 'datasync'],
  only: /^(files|publish|journal)\//,
  reason:
    'only src/publish, src/journal and what they share in src/files rename or sync: the order of these calls is what a crash test proves, so it stands where it is looked for',
};
