// Takes a lock and keeps it until stdin ends: holder.mjs PATH [--remove]. Prints `held` or the code of the error.
import { takeLock } from '#src/files/lock.js';

const [path, remove] = process.argv.slice(2);
try {
  const lock = await takeLock(path, { mode: 0o600, waitMs: 0, onFallback: () => process.stdout.write('fallback ') });
  process.stdout.write('held\n');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await lock.release(remove === '--remove' ? 'remove' : undefined);
} catch (error) {
  process.stdout.write(`${error.code}\n`);
}
