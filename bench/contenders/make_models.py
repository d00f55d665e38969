"""Models of the benchmark: python make_models.py FLOATS.csv MIXED.csv WIDE.csv FOLDER

Trained on small files of the same generators. The labels are fixed, noisy functions of the features, so that every model has something to learn.
Also writes floats with their labels, for those who train models of their own.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import onnx
import onnxmltools
import pandas as pd
from onnxmltools.convert.common.data_types import FloatTensorType as LightgbmFloats
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 7
NO_ZIPMAP = {"zipmap": False}


def main(floats, mixed, wide, folder):
    from_floats(pd.read_csv(floats), folder)
    from_mixed(pd.read_csv(mixed), folder)
    from_wide(pd.read_csv(wide), folder)


def from_floats(frame, folder):
    """Logistic regression and 100 trees of 31 leaves: one matrix of 28 floats in, label and probabilities out."""
    names = [name for name in frame.columns if name != "id"]
    x = frame[names].to_numpy(dtype=np.float32)
    rng = np.random.default_rng(SEED)
    score = x @ rng.normal(size=len(names)) + x[:, 0] * x[:, 1] - np.abs(x[:, 2]) + rng.normal(size=len(x))
    label = (score > np.median(score)).astype(np.int64)
    frame[names].assign(label=label).to_csv(folder / "labelled.csv", index=False)

    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(x, label)
    save(to_onnx(logistic, initial_types=matrix(names), options=NO_ZIPMAP), folder / "logistic.onnx", names)

    trees = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, random_state=SEED, deterministic=True, n_jobs=1, verbose=-1)
    trees.fit(x, label)
    types = [("features", LightgbmFloats([None, len(names)]))]
    save(onnxmltools.convert_lightgbm(trees, initial_types=types, zipmap=False), folder / "lightgbm.onnx", names)


def from_mixed(frame, folder):
    """One-hot encoding of 8 columns of strings, 6 scaled numbers, logistic regression: a tensor a column in, label and probabilities out."""
    numbers = [name for name in frame.columns if name.startswith("n")]
    strings = [name for name in frame.columns if name.startswith("s")]
    rng = np.random.default_rng(SEED)
    score = frame[numbers].to_numpy() @ rng.normal(size=len(numbers)) + rng.normal(size=len(frame))
    for name in strings:
        codes, texts = pd.factorize(frame[name])
        score += rng.normal(size=len(texts))[codes]
    label = (score > np.median(score)).astype(np.int64)

    encoder = ColumnTransformer([("numbers", StandardScaler(), numbers), ("strings", OneHotEncoder(handle_unknown="ignore"), strings)])
    x = frame[numbers + strings].astype(dict.fromkeys(strings, object))
    pipeline = make_pipeline(encoder, LogisticRegression(max_iter=2000)).fit(x, label)
    types = [(name, FloatTensorType([None, 1])) for name in numbers] + [(name, StringTensorType([None, 1])) for name in strings]
    save(to_onnx(pipeline, initial_types=types, options=NO_ZIPMAP), folder / "onehot.onnx")


def from_wide(frame, folder):
    """Ridge regression of 5,000 floats: one matrix in, one value out."""
    names = [name for name in frame.columns if name != "id"]
    x = frame[names].to_numpy(dtype=np.float32)
    rng = np.random.default_rng(SEED)
    target = x @ (rng.normal(size=len(names)) / np.sqrt(len(names))) + rng.normal(size=len(x))
    save(to_onnx(Ridge().fit(x, target.astype(np.float32)), initial_types=matrix(names)), folder / "wide.onnx", names)


def matrix(names):
    return [("features", FloatTensorType([None, len(names)]))]


def save(model, path, names=None):
    model.graph.name = path.stem  # the converter makes up a new one each time
    for output in model.graph.output:  # onnxmltools declares the labels of one row, and ONNX Runtime warns at every call
        output.type.tensor_type.shape.dim[0].Clear()
    if names is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = "feature_names", json.dumps(names)
    onnx.save(model, path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
