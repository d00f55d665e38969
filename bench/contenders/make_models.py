"""Models of the benchmark, trained on the head of the generated file: python make_models.py DATA.csv FOLDER

The label is a fixed, noisy function of the features, so that both models have something to learn. One matrix input, label and probabilities out.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import onnx
import onnxmltools
import polars as pl
from onnxmltools.convert.common.data_types import FloatTensorType as LightgbmFloats
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TRAINING_ROWS = 20_000
SEED = 7


def main(data, folder):
    frame = pl.read_csv(data, n_rows=TRAINING_ROWS)
    names = [name for name in frame.columns if name != "id"]
    x = frame.select(names).to_numpy().astype(np.float32)
    rng = np.random.default_rng(SEED)
    score = x @ rng.normal(size=len(names)) + x[:, 0] * x[:, 1] - np.abs(x[:, 2]) + rng.normal(size=len(x))
    label = (score > np.median(score)).astype(np.int64)

    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(x, label)
    save(
        to_onnx(logistic, initial_types=[("features", FloatTensorType([None, len(names)]))], options={"zipmap": False}),
        folder / "logistic.onnx",
        names,
    )

    trees = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, random_state=SEED, deterministic=True, n_jobs=1, verbose=-1)
    trees.fit(x, label)
    save(
        onnxmltools.convert_lightgbm(trees, initial_types=[("features", LightgbmFloats([None, len(names)]))], zipmap=False),
        folder / "lightgbm.onnx",
        names,
    )


def save(model, path, names):
    model.graph.name = path.stem  # the converter makes up a new one each time
    for output in model.graph.output:  # onnxmltools declares the labels of one row, and ONNX Runtime warns at every call
        output.type.tensor_type.shape.dim[0].Clear()
    entry = model.metadata_props.add()
    entry.key, entry.value = "feature_names", json.dumps(names)
    onnx.save(model, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
