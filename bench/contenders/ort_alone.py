"""ONNX Runtime alone: python ort_alone.py MODEL MATRIX.npy THREADS [OUTPUT.csv]

The floor: a ready float32 matrix in memory, and nothing but `session.run` between the clock's two looks. Prints {"insideSeconds": ...}; the process
around it (Python's start, loading, the session) is no part of that. With OUTPUT it also writes the predictions, after the clock has stopped.

Tried with trees, the quickest kept (seconds inside, two cores): 1.83 at slices of 2,048 to 65,536 rows from two threads; two threads inside the session 1.84.
"""

import json
import sys
import time

model, matrix, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])

import numpy as np
from predictions import ID, named, open_session, run_slices

SLICE = 4_096

features = np.load(matrix)
session = open_session(model, 1)
feed = session.get_inputs()[0].name


def score(rows):
    return session.run(None, {feed: features[rows]})


score(slice(0, SLICE))  # the first call allocates
start = time.perf_counter()
outputs = run_slices(len(features), SLICE, threads, score)
print(json.dumps({"insideSeconds": time.perf_counter() - start}))

if len(sys.argv) > 4:
    import polars as pl

    pl.DataFrame({ID: np.arange(len(features)), **named(session, outputs)}).write_csv(sys.argv[4])
