// npm run pack [-- --platform linux-arm64]: an npm tarball for one platform that `npm i -g` takes with install scripts on and nothing but a registry,
// or nothing at all, reachable. Every dependency is inside; onnxruntime-node without its install script, which downloads GPU libraries.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyProduct, copyProductionPackages, licenceTexts } from './packaging/production-tree.mjs';
import { targetOf } from './packaging/target.mjs';

const root = resolve(import.meta.dirname, '..');
const target = targetOf(process.argv.slice(2));
const stage = join(root, 'build', 'pack');
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });

copyProduct(root, stage, target);
const packages = copyProductionPackages(root, stage, target);
writeFileSync(join(stage, 'THIRD-PARTY-LICENCES.txt'), licenceTexts(root, packages));

const manifest = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8'));
delete manifest.scripts;
delete manifest.devDependencies;
manifest.files = [...manifest.files.filter((file) => !file.startsWith('tools/')), 'THIRD-PARTY-LICENCES.txt'];
manifest.bundleDependencies = Object.keys(manifest.dependencies);
manifest.os = [target.platform];
manifest.cpu = [target.arch];
writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
const packed = spawnSync(npm[0], [...npm.slice(1), 'pack', '--ignore-scripts', '--silent'], { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] });
if (packed.status !== 0) throw new Error(`npm pack ended with status ${packed.status}`);

const made = readdirSync(stage).find((name) => name.endsWith('.tgz'));
const file = join(root, 'build', `scoreline-${manifest.version}-npm-${target.platform}-${target.arch}.tgz`);
renameSync(join(stage, made), file);
rmSync(stage, { recursive: true });
process.stdout.write(`build/${file.slice(file.lastIndexOf('/') + 1)}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
