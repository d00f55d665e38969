"""What the contenders in Python share: the session, the columns that feed it, and the names that outputs get in everybody's file."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime as ort

ID = "id"


def open_session(model, threads):
    """A session whose calls use `threads` threads each; programs that call it from several threads at once give it one."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def matrix_features(session):
    """Columns of a matrix model in the order of training, which its metadata has."""
    return json.loads(session.get_modelmeta().custom_metadata_map["feature_names"])


def slice_rows(width):
    """Rows of one call, 16,384 of the narrow ones: a matrix that stays near the caches. 4,096 and 65,536 gave the same times within the noise."""
    return max(256, min(16_384, 2**22 // width))


def run_slices(rows, step, threads, run):
    """
    Calls `run(slice)` for every `step` of `rows` rows from `threads` threads at once, and puts the outputs of all together.

    Quicker than threads inside the session by 5 to 8% with trees and a third with strings: what Python and NumPy do between the calls
    then runs side by side too.
    """
    parts = [slice(start, min(start + step, rows)) for start in range(0, rows, step)]
    with ThreadPoolExecutor(threads) as pool:
        return [np.concatenate(outputs) for outputs in zip(*pool.map(run, parts))]


def named(session, outputs):
    """Columns of the file: a label is the prediction, probabilities are one column a class, the one value of a regressor is the prediction."""
    columns = {}
    for output, values in zip(session.get_outputs(), outputs):
        if output.name == "label":
            columns["prediction"] = values
        elif values.shape[1] == 1:
            columns["prediction"] = values[:, 0]
        else:
            for at in range(values.shape[1]):
                columns[f"probability_{at}"] = np.ascontiguousarray(values[:, at])
    return columns
