import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ScorelineError } from '#src/errors/errors.js';
import { loadModel } from '#src/model/load.js';
import { openOrtSession } from '#src/model/ort-session.js';
import { silenceTelemetry } from '#src/model/telemetry.js';
import { COMMAND, scoreline, tempFolder } from '../support/command.js';

const SHARED = join(import.meta.dirname, '../..', process.env['SCORELINE_SHARED'] ?? '../shared');
const MODELS = join(SHARED, 'data/onnx');

beforeAll(() => silenceTelemetry());

/** What a file is: its outputs, or the code and the reason of its refusal. */
async function outcome(name: string): Promise<string> {
  try {
    const { bytes, signature } = await loadModel(join(MODELS, name));
    await (await openOrtSession(bytes, signature, { threads: 1 })).close();
    const fixed = signature.fixedBatch === undefined ? '' : ` by ${signature.fixedBatch}`;
    return signature.outputs.map(({ role, classes }) => (classes === undefined ? role : `${role}:${classes.join(',')}`)).join(' ') + fixed; // prettier-ignore
  } catch (error) {
    if (!(error instanceof ScorelineError)) throw error;
    expect(error.status).toBe(69);
    expect(error.message).not.toContain('\n');
    return `${error.code}: ${error.message.replace(join(MODELS, name), 'MODEL')}`;
  }
}

describe('models of other projects', () => {
  test.each<[string, string | RegExp]>([
    ['infera/linear.onnx', 'value by 1'],
    ['infera/multi_output.onnx', 'value by 1'],
    ['onnxmltools/coreml_OneHotEncoder_BikeSharing.onnx', 'value by 1'],
    ['onnxmltools/test_xgb.onnx', 'value'],
    ['onnxruntime-ruby/abs_free_dimensions.onnx', /^unsupported-shape: .*input "x" has shape \[Dim1, Dim2, 5\]: 3 dimensions/],
    ['onnxruntime-ruby/identity_string.onnx', 'value by 2'],
    ['onnxruntime-ruby/lightgbm.onnx', 'label:0,1,2 probabilities:0,1,2 by 1'],
    ['onnxruntime-ruby/logical_and.onnx', 'value by 2'],
    ['onnxruntime-ruby/model.onnx', /^unsupported-shape: .*\[3, 4, 5\]/],
    ['onnxruntime-ruby/randomforest.onnx', 'label:0,1,2 probabilities:0,1,2 by 1'],
    ['onnxruntime_go/example ż 大 김.onnx', 'value by 1'],
    ['onnxruntime_go/example_0_dim_output.onnx', /^unsupported-shape: .*output "y"/],
    ['onnxruntime_go/example_big_compute.onnx', /^unsupported-shape: .*gives 52428800 values a row, expected at most 1000000/],
    ['onnxruntime_go/example_big_fanout.onnx', 'value by 1'],
    ['onnxruntime_go/example_dynamic_axes.onnx', 'value'],
    ['onnxruntime_go/example_float16.onnx', /^unsupported-shape: .*input "InputA"/],
    ['onnxruntime_go/example_lora.onnx', 'value by 1'],
    ['onnxruntime_go/example_multitype.onnx', /^unsupported-shape: /],
    ['onnxruntime_go/example_needs_extensions.onnx', /^model-load: .*StringUpper/],
    ['onnxruntime_go/example_several_inputs_and_outputs.onnx', /^unsupported-shape: .*input "input 1"/],
    ['onnxruntime_go/example_strings.onnx', /^(?:value value|model-load: .*locale.*)$/], // asks for the locale en_US.UTF-8
    ['onnxruntime_go/sklearn_randomforest.onnx', 'label:0,1,2 probabilities:0,1,2'],
    ['sklearn-onnx/treecl.onnx', 'label:0,1,2 probabilities:0,1,2'],
    ['sklearn-onnx/treecl2.onnx', 'label:0,1 probabilities:0,1'],
    ['sklearn-onnx/treecl3.onnx', 'label:0,1,2,3 probabilities:0,1,2,3'],
  ])('%s', async (name, expected) => {
    const found = await outcome(name);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });
});

/** Status and code of scoring a model's own sample with the line that inspect gives. */
async function scoreSample(path: string): Promise<string> {
  const sample = join(tempFolder(), 'sample.csv');
  const shown = await scoreline(['inspect', path, '--sample-input', sample, '--log-format', 'json']);
  if (shown.status !== 0) return `inspect ${shown.status} ${codeOf(shown.stderr)}`;
  const line = shown.stdout.toString().trim().split('\n').at(-1) ?? '';
  const command = `${line.replace(/^ *scoreline/, `'${process.execPath}' '${COMMAND}'`)} --log-format json --contract none`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? `${stdout.trim().split('\n').length - 1} rows` : `score ${status} ${codeOf(stderr)}`;
}

function codeOf(stderr: string): string {
  return (JSON.parse(stderr.split('\n').find((line) => line.startsWith('{')) ?? '{}') as { code?: string }).code ?? stderr;
}

describe('each scores its own sample, or is refused', () => {
  const MULTIPLIES = 'score 69 rows-changed';
  test.each<[string, string]>([
    ['infera/linear.onnx', '3 rows'],
    ['infera/multi_output.onnx', '3 rows'],
    ['onnxmltools/coreml_OneHotEncoder_BikeSharing.onnx', '3 rows'],
    ['onnxmltools/test_xgb.onnx', '3 rows'],
    ['onnxruntime-ruby/abs_free_dimensions.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime-ruby/identity_string.onnx', '3 rows'],
    ['onnxruntime-ruby/lightgbm.onnx', '3 rows'],
    ['onnxruntime-ruby/logical_and.onnx', '3 rows'],
    ['onnxruntime-ruby/model.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime-ruby/randomforest.onnx', '3 rows'],
    ['onnxruntime_go/example ż 大 김.onnx', '3 rows'],
    ['onnxruntime_go/example_0_dim_output.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime_go/example_big_compute.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime_go/example_big_fanout.onnx', MULTIPLIES],
    ['onnxruntime_go/example_dynamic_axes.onnx', '3 rows'],
    ['onnxruntime_go/example_float16.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime_go/example_lora.onnx', '3 rows'],
    ['onnxruntime_go/example_multitype.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime_go/example_needs_extensions.onnx', 'score 69 model-load'],
    ['onnxruntime_go/example_several_inputs_and_outputs.onnx', 'inspect 69 unsupported-shape'],
    ['onnxruntime_go/example_strings.onnx', '3 rows|score 69 model-load'],
    ['onnxruntime_go/sklearn_randomforest.onnx', '3 rows'],
    ['sklearn-onnx/treecl.onnx', '3 rows'],
    ['sklearn-onnx/treecl2.onnx', '3 rows'],
    ['sklearn-onnx/treecl3.onnx', '3 rows'],
  ])('%s: %s', async (name, expected) => {
    expect(expected.split('|')).toContain(await scoreSample(join(MODELS, name)));
  });

  test('the tables name every file', () => {
    const files = readdirSync(MODELS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
    const text = readFileSync(import.meta.filename, 'utf8');
    expect(files.filter((name) => !text.includes(`'${name}'`) && !text.includes(`'${name.replace(/^hostile\/|\.onnx$/g, '')}'`))).toEqual([]);
  });
});

describe('hostile models', () => {
  test.each<[string, RegExp]>([
    ['ext_absolute_path', /^external-data: .*"\/etc\/hostname"/],
    ['ext_dotdot', /^external-data: .*"(?:\.\.\/)+etc\/passwd"/],
    ['ext_missing', /^external-data: .*"does_not_exist.bin"/],
    ['ext_negative_length', /^external-data: /],
    ['ext_offset_beyond_eof', /^external-data: /],
    ['ext_ok', /^external-data: /],
    ['ext_symlink', /^external-data: /],
    ['ext_url', /^external-data: .*"http:/],
    ['file_bitflip', /^not-a-model: /],
    ['file_empty', /^not-a-model: .*found an empty file$/],
    ['file_gzipped', /^not-a-model: .*found a gzip file$/],
    ['file_html', /^not-a-model: .*found an HTML page$/],
    ['file_lfs_pointer', /^not-a-model: .*found a Git LFS pointer/],
    ['file_text', /^not-a-model: .*found text$/],
    ['file_trailing_garbage', /^not-a-model: /],
    ['file_truncated', /^not-a-model: .*found the first 258 bytes of at least 495$/],
    ['graph_cycle', /^model-load: .*not acyclic/],
    ['graph_duplicate_output', /^model-load: .*Duplicate definition of name \(Y\)/],
    ['graph_missing_input', /^model-load: .*Node input 'nope'/],
    ['graph_no_inputs', /^no-inputs: /],
    ['graph_no_outputs', /^no-outputs: /],
    ['graph_not_sorted', /^value$/],
    ['graph_output_unproduced', /^model-load: .*Graph output \(Y\) does not exist/],
  ])('%s', async (name, expected) => {
    expect(await outcome(`hostile/${name}.onnx`)).toMatch(expected);
    const begun = performance.now();
    expect(await scoreSample(join(MODELS, `hostile/${name}.onnx`))).toMatch(name === 'graph_not_sorted' ? /^3 rows$/ : /^(?:inspect|score) 69 /);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
