// Runs one publication in a process of its own, under limits that the test has put around it, and prints how it ended as one JSON line on stderr.
// child.mjs TARGET BYTES [--uid N] [--no-clobber] [--pieces BYTES]
import { parseArgs } from 'node:util';
import { openOutput } from '#src/publish/open.js';
import { publish } from '#src/publish/commit.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { uid: { type: 'string' }, 'no-clobber': { type: 'boolean', default: false }, pieces: { type: 'string', default: '65536' } },
});
const [target, bytes] = positionals;
const uid = Number(values.uid ?? 0);
if (uid !== 0) {
  process.setgroups([]);
  process.setgid(uid);
  process.setuid(uid);
}

try {
  const output = await openOutput(target, { noClobber: values['no-clobber'] });
  try {
    const piece = Buffer.alloc(Number(values.pieces), 'new\n');
    for (let left = Number(bytes); left > 0; left -= piece.length) await output.write(piece.subarray(0, Math.min(left, piece.length)));
    await publish({ output });
  } catch (error) {
    await output.abort(error);
    throw error;
  }
  process.stderr.write(`${JSON.stringify({ code: 'ok', bytes: output.bytes, digest: output.digest() })}\n`);
} catch (error) {
  process.exitCode = error.status ?? 70;
  process.stderr.write(`${JSON.stringify({ code: error.code, status: error.status, message: error.message, details: error.details })}\n`);
}
