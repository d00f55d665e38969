// Runs when npm installs the plain `npm pack` tarball, before any package's own install script. onnxruntime-node's downloads GPU libraries that
// Scoreline does not use, from a host that is not a registry, and fails the whole installation where that host is out of reach; its CPU runtime
// is inside the package. So its script is replaced by one that does nothing: only in the copy below our own folder, never in a copy that
// another package shares.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const script = join(root, 'node_modules', 'onnxruntime-node', 'script', 'install.js');

if (!existsSync(join(root, 'src')) && !existsSync(join(root, 'dist', 'index.js'))) {
  process.stderr.write('scoreline: this package was packed without its build; pack it with: npm run pack\n');
  process.exitCode = 1;
} else if (existsSync(script)) {
  writeFileSync(script, '// Replaced by scoreline: the GPU libraries that this script downloads are not used.\n');
}
