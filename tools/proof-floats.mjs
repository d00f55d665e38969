// Proof of the number writer: every edge class and many bit patterns by chance, each text held to the definition of shortest text by tools/proof/shortest.mjs.
//
//   npm run proof:floats                                    30 million float32, 10 million float64
//   npm run proof:floats -- --patterns 1000000 --seed 7     fewer, others; --doubles for float64
//   npm run proof:floats -- --all                           every float32 there is, 2^32 of them: hours
//   npm run proof:floats -- --python PATH                   and a sample against NumPy, where that Python has it
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { FLOAT32_BYTES, writeFloat32 } from '../dist/batch/float32-bytes.js';
import { FLOAT64_BYTES, writeFloat64 } from '../dist/batch/float64-bytes.js';
import { edgesOfFloat32, edgesOfFloat64, randomFloat32, randomFloat64 } from './proof/patterns.mjs';
import { judgeFloat32, judgeFloat64 } from './proof/shortest.mjs';

const NUMPY_SAMPLE = 200_000;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    patterns: { type: 'string', default: '30000000' },
    doubles: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    python: { type: 'string' },
  },
});
const seed = Number(values.seed);
const F32 = new Float32Array(1);
const U32 = new Uint32Array(F32.buffer);
const out = Buffer.alloc(64);
let wrong = 0;

function text32(bits) {
  U32[0] = bits;
  const end = writeFloat32(F32[0], out, 0);
  return end > FLOAT32_BYTES ? `${end} bytes` : out.latin1Slice(0, end);
}

function text64(value) {
  const end = writeFloat64(value, out, 0);
  return end > FLOAT64_BYTES ? `${end} bytes` : out.latin1Slice(0, end);
}

function complain(what, text, complaint) {
  wrong++;
  if (wrong <= MOST_SHOWN) process.stdout.write(`${what} is written ${text}: ${complaint}\n`);
}

function prove(name, patterns, judgeOne) {
  const begun = performance.now();
  let count = 0;
  for (const pattern of patterns) {
    judgeOne(pattern);
    count++;
  }
  process.stdout.write(`${name}: ${count.toLocaleString('en')} in ${Math.round((performance.now() - begun) / 1e3)} s\n`);
}

function prove32(bits) {
  const text = text32(bits);
  const complaint = judgeFloat32(F32[0], text);
  if (complaint !== undefined) complain(`float32 ${bits.toString(16).padStart(8, '0')}`, text, complaint);
}

function prove64(value) {
  const text = text64(value);
  const complaint = judgeFloat64(value, text);
  if (complaint !== undefined) complain(`float64 ${value}`, text, complaint);
}

function* everyFloat32() {
  for (let bits = 0; bits < 2 ** 32; bits++) yield bits;
}

/** NumPy prints the shortest digits, too (Dragon4, unique); it may differ where two decimals are equally near, and is held to numbers, not to notation. */
function proveWithNumpy(python) {
  const patterns = [...randomFloat32(NUMPY_SAMPLE, seed + 1)].filter((bits) => ((bits >>> 23) & 255) !== 255);
  const program = `import sys, numpy
for value in numpy.frombuffer(sys.stdin.buffer.read(), dtype='<f4'): print(numpy.format_float_scientific(value, unique=True, trim='-'))`;
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
    input: Buffer.from(Uint32Array.from(patterns).buffer),
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${python} failed: ${stderr}`);
  const lines = stdout.toString().trim().split('\n');
  prove('float32 against NumPy', patterns.entries(), ([index, bits]) => {
    const text = text32(bits);
    const size = F32[0];
    const other = Number(lines[index]);
    if (Number(text) === other || Math.abs(Number(text) - size) === Math.abs(other - size)) return;
    complain(`float32 ${bits.toString(16)}`, text, `NumPy writes ${lines[index]}`);
  });
}

prove('float32, edges', edgesOfFloat32(), prove32);
prove('float64, edges', edgesOfFloat64(), prove64);
if (values.all) prove('float32, all', everyFloat32(), prove32);
else prove('float32, by chance', randomFloat32(Number(values.patterns), seed), prove32);
prove('float64, by chance', randomFloat64(Number(values.doubles), seed), prove64);
if (values.python !== undefined) proveWithNumpy(values.python);
process.stdout.write(wrong === 0 ? 'every text is the shortest that reads back\n' : `${wrong.toLocaleString('en')} wrong\n`);
process.exitCode = wrong === 0 ? 0 : 1;
