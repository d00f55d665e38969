import { expect, test } from 'vitest';
import { cleanRuntimeMessage, isOutOfMemory } from '#src/model/runtime-message.js';

test.each([
  [
    "Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of data bounds, idx=7 must be within the inclusive range [-5,4]",
    'Gather node: indices element out of data bounds, index must be within the inclusive range [-5,4]',
  ],
  [
    "Non-zero status code returned while running TreeEnsembleRegressor node. Name:'' Status Message: /src/core/ml/tree.h:624 void onnxruntime::ml::Tree<InputType, OutputType>::ComputeAgg(onnxruntime::concurrency::ThreadPool*, const AGG&) const [with AGG = onnxruntime::Sum<float, float>; InputType = float] One path in the graph requests feature 9.\n",
    'TreeEnsembleRegressor node: One path in the graph requests feature 9.',
  ],
  [
    'Exception during initialization: /src/ml/tree.h:184 onnxruntime::common::Status onnxruntime::ml::Tree<T>::Init(int, const onnxruntime::Attributes<T>&) [with T = float] *max_id < n_targets_ was false. At least one value is too great.',
    'At least one value is too great.',
  ],
  ["tensorprotoutils.cc:1463 ValidateEmbeddedSize Initializer 'W' declares a size.", "Initializer 'W' declares a size."],
  ['/src/core/safeint.h:17 static void Handler<onnxruntime::Failure>::OnOverflow() Integer overflow', 'Integer overflow'],
  ['/src/a.cc:1 onnxruntime::Locale::Locale(const std::string&)::<lambda()> Failed to construct locale', 'Failed to construct locale'],
  ['/src/a.cc:1 void f(unclosed', 'void f(unclosed'],
  ['plain', 'plain'],
])('%s', (said, expected) => expect(cleanRuntimeMessage(new Error(said))).toBe(expected));

test('want of memory is told from faults of rows', () => {
  for (const said of ['std::bad_alloc', 'BFCArena: Failed to allocate memory for requested buffer of size 9', 'Integer overflow']) {
    expect(isOutOfMemory(new Error(said))).toBe(true);
  }
  expect(isOutOfMemory(new Error('indices element out of data bounds'))).toBe(false);
});
