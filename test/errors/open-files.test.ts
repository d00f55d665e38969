import { expect, test } from 'vitest';
import { asDefect } from '#src/errors/transfer.js';
import { openFilesError } from '#src/errors/open-files.js';

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

test.each([
  ['EMFILE', 'open', 'EMFILE'],
  ['ENFILE', 'open', 'ENFILE'],
  ['ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE', 'EMFILE'],
  ['ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: cannot open shared object file: Too many open files', 'EMFILE'],
  ['ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: cannot open shared object file: Too many open files\n/a/onnxruntime_binding.node', 'EMFILE'],
  ['ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: cannot open shared object file: Too many open files in system', 'ENFILE'],
])('%s (%s) says that no more files may be opened', (code, message, said) => {
  const error = asDefect(coded(code, message));
  expect([error.code, error.status, error.message]).toEqual(['too-many-open-files', 74, expect.stringContaining(said)]);
});

test.each([
  ['ENOENT', 'no such file'],
  ['ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: cannot open shared object file: No such file or directory'],
  ['ERR_WORKER_INIT_FAILED', 'Worker initialization failure: ENOMEM'],
])('%s (%s) is something else', (code, message) => {
  expect(openFilesError(coded(code, message))).toBeUndefined();
});
