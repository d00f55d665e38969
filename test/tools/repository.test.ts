import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { productionPackages } from '../../tools/packaging/production-tree.mjs';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));

it('asks for exact versions', () => {
  const versions = Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

it('locks packages by digest, and does not say where they were fetched', () => {
  const packages = Object.entries<{ resolved?: string; integrity?: string; link?: boolean }>(lock.packages).filter(([path]) => path !== '');
  expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
});

it('runs no install script and keeps the lock free of hosts', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  expect(read('.npmrc')).toMatch(/^omit-lockfile-registry-resolved=true$/m);
});

it('ships each dependency, and neither types nor what only an install script needs', () => {
  const names = productionPackages(root).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  expect(names.filter((name) => name.startsWith('@types/') || ['adm-zip', 'global-agent', 'typescript'].includes(name))).toEqual([]);
});
