// ESLint rules that hold src to tools/lint/architecture.mjs; each message says why, so that nobody has to look it up.
import { dirname, relative, resolve, sep } from 'node:path';
import { DURABLE, MAY_IMPORT, NAMED_IMPORTERS, REASONS } from './architecture.mjs';

const src = resolve(import.meta.dirname, '..', '..', 'src');

/** A path below src with forward slashes, or undefined for everything else. */
function belowSrc(file) {
  const path = relative(src, file).split(sep).join('/');
  return path.startsWith('../') || path === '' ? undefined : path;
}

/** The folder of src that a path lies in; src/index.ts is a folder of its own. */
function folderOf(path) {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.[jt]s$/, '');
}

/** The file of src that a specifier means, or undefined for a package. */
function target(specifier, from) {
  if (specifier.startsWith('.')) return belowSrc(resolve(dirname(from), specifier));
  if (specifier.startsWith('#src/')) return specifier.slice('#src/'.length);
  return undefined;
}

/** Calls `check(node, specifier)` for everything that names a module: import, export from, import(), import type, require. */
function onModules(check) {
  const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined);
  const visit = (node, source) => {
    const specifier = literal(source);
    if (specifier !== undefined) check(node, specifier);
  };
  return {
    ImportDeclaration: (node) => visit(node, node.source),
    ExportNamedDeclaration: (node) => visit(node, node.source),
    ExportAllDeclaration: (node) => visit(node, node.source),
    ImportExpression: (node) => visit(node, node.source),
    TSImportType: (node) => visit(node, node.source ?? node.argument?.literal),
    CallExpression: (node) => {
      // createRequire gives a function that people call require, or load the module in the same breath.
      const callee = node.callee;
      const named = callee.type === 'Identifier' && /require$/i.test(callee.name);
      const created = callee.type === 'CallExpression' && callee.callee.type === 'Identifier' && callee.callee.name === 'createRequire';
      if (named || created) visit(node, node.arguments[0]);
    },
  };
}

const direction = {
  meta: { type: 'problem', schema: [], messages: { wrong: '{{from}} may not import {{to}}: {{reason}}.', unknown: '{{message}}' } },
  create(context) {
    const file = belowSrc(context.filename);
    if (file === undefined) return {};
    const from = folderOf(file);
    return onModules((node, specifier) => {
      const path = target(specifier, context.filename);
      if (path === undefined) return;
      const to = folderOf(path);
      const allowed = MAY_IMPORT[from];
      if (allowed === undefined) {
        context.report({
          node,
          messageId: 'unknown',
          data: { message: `src/${from} has no place in the layout: add it to tools/lint/architecture.mjs.` },
        });
      } else if (to !== from && !allowed.includes(to)) {
        context.report({ node, messageId: 'wrong', data: { from: `src/${from}`, to: `src/${to}`, reason: REASONS[from] } });
      }
    });
  },
};

const namedImporter = {
  meta: { type: 'problem', schema: [], messages: { wrong: 'Only {{place}} may import {{name}}: {{reason}}.' } },
  create(context) {
    const file = belowSrc(context.filename);
    if (file === undefined) return {};
    return onModules((node, specifier) => {
      const rule = NAMED_IMPORTERS.find(({ packages }) => packages.some((name) => specifier === name || specifier.startsWith(`${name}/`)));
      if (rule === undefined || rule.only.test(file)) return;
      context.report({ node, messageId: 'wrong', data: { place: rule.place, name: specifier, reason: rule.reason } });
    });
  },
};

const durable = {
  meta: { type: 'problem', schema: [], messages: { wrong: '{{name}} here: {{reason}}.' } },
  create(context) {
    const file = belowSrc(context.filename);
    if (file === undefined || DURABLE.only.test(file)) return {};
    const report = (node, name) => context.report({ node, messageId: 'wrong', data: { name, reason: DURABLE.reason } });
    return {
      ImportDeclaration(node) {
        if (!/^(node:)?fs(\/promises)?$/.test(node.source.value)) return;
        for (const specifier of node.specifiers) {
          if (specifier.type === 'ImportSpecifier' && DURABLE.names.includes(specifier.imported.name)) report(specifier, specifier.imported.name);
        }
      },
      'CallExpression > MemberExpression.callee'(node) {
        if (node.computed || node.property.type !== 'Identifier') return;
        const name = node.property.name;
        if (DURABLE.names.includes(name) || (DURABLE.methods.includes(name) && node.parent.arguments.length === 0)) report(node, name);
      },
    };
  },
};

export default { meta: { name: 'scoreline' }, rules: { direction, 'named-importer': namedImporter, durable } };
