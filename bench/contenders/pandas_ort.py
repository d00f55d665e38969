"""pandas in chunks + ONNX Runtime: python pandas_ort.py MODEL INPUT.csv OUTPUT.csv THREADS

Types given, chunks of 65,536 rows, so that memory does not grow with the file. The reader takes one thread; the session has all of them.
"""

import sys

model, source, target, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

import numpy as np
import pandas as pd
from predictions import ID, matrix_features, named, open_session

CHUNK = 65_536

session = open_session(model, threads)
feed = session.get_inputs()[0].name
features = matrix_features(session)
types = {ID: np.int64, **dict.fromkeys(features, np.float32)}

with open(target, "w", encoding="utf-8", newline="") as output:
    for index, chunk in enumerate(pd.read_csv(source, dtype=types, chunksize=CHUNK)):
        outputs = session.run(None, {feed: chunk[features].to_numpy(dtype=np.float32)})
        pd.DataFrame({ID: chunk[ID], **named(session, outputs)}).to_csv(output, index=False, header=index == 0)
