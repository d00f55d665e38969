// npm run bundle: build/scoreline-VERSION-PLATFORM-ARCH.tar.gz; with `-- --with-node` the Node that runs this is in it, and in its name. It runs where it is untarred: no package manager, no network.
// The same sources and the same Node 20 give the same bytes (newer V8s are not that exact).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { copyProduct, copyProductionPackages, licenceTexts } from './packaging/production-tree.mjs';
import { targetOf } from './packaging/target.mjs';

const root = resolve(import.meta.dirname, '..');
const target = targetOf(process.argv.slice(2));
const withNode = process.argv.includes('--with-node');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `scoreline-${version}-${target.platform}-${target.arch}`;
const stage = join(root, 'build', 'bundle');
const top = join(stage, name);
const lib = join(top, 'lib');
rmSync(stage, { recursive: true, force: true });
mkdirSync(join(top, 'bin'), { recursive: true });

copyProduct(root, lib, target);
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) if (existsSync(join(lib, file))) cpSync(join(lib, file), join(top, file));
const packages = copyProductionPackages(root, lib, target);
const licences = [licenceTexts(root, packages)];
cpSync(join(root, 'tools', 'packaging', 'scoreline.sh'), join(top, 'bin', 'scoreline'));
chmodSync(join(top, 'bin', 'scoreline'), 0o755);
if (withNode) {
  if (target.platform !== process.platform || target.arch !== process.arch)
    throw new Error('--with-node puts in the Node that runs this, which is for another platform');
  cpSync(process.execPath, join(top, 'bin', 'node'));
  chmodSync(join(top, 'bin', 'node'), 0o755);
  licences.push(nodeLicence());
}
writeFileSync(join(top, 'THIRD-PARTY-LICENCES.txt'), licences.join('\n\n'));

const fileName = `${name}${withNode ? `-node${process.versions.node}` : ''}.tar.gz`;
const file = join(root, 'build', fileName);
const flags = '--sort=name --mtime=@1577836800 --owner=0 --group=0 --numeric-owner --format=gnu --mode=u+rwX,go+rX,go-w';
const made = spawnSync('sh', ['-c', `tar ${flags} -C "$1" -cf - "$2" | gzip -n -9 > "$3"`, 'sh', stage, name, file], { stdio: 'inherit' });
if (made.status !== 0) throw new Error(`tar ended with status ${made.status}`);
rmSync(stage, { recursive: true });
process.stdout.write(`build/${fileName}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);

/** Node's licence as it is installed beside it; where it is not, the place it stands. */
function nodeLicence() {
  const prefix = resolve(dirname(process.execPath), '..');
  const places = ['LICENSE', 'share/doc/node/LICENSE', 'share/doc/nodejs/LICENSE.txt', 'share/doc/nodejs/LICENSE', 'share/doc/nodejs/copyright'];
  const found = places.map((place) => join(prefix, place)).find((place) => existsSync(place));
  const text = found === undefined ? `https://github.com/nodejs/node/blob/${process.version}/LICENSE` : readFileSync(found, 'utf8').trim();
  return `node ${process.versions.node}\n${'='.repeat(72)}\n\n${text}\n`;
}
