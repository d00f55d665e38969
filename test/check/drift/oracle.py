"""Drift of bike sharing's hours of 2012 from those of 2011, by numpy and scipy, and tails of the distributions that verdicts rest on.

    python test/check/drift/oracle.py > test/check/drift/oracle.json      # numpy 2.4, scipy 1.17

Nothing here is taken from the code that it is compared with: cells come from frexp, distances and tests from scipy.
"""

import csv
import json
from pathlib import Path

import numpy as np
from scipy import spatial, special, stats

DATA = Path(__file__).resolve().parents[3] / "fixtures/bike-sharing/bike-sharing-hour.csv"
COLUMNS = ["season", "yr", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed", "casual", "registered", "cnt"]


def cells(values, bits):
    """Sign, exponent and first bits of the mantissa as one number in the order of the values; all values here are 0 or above 2^-126."""
    mantissa, exponent = np.frexp(np.abs(values))
    place = (exponent - 1 + 126) * 2**bits + np.floor((2 * mantissa - 1) * 2**bits) + 1
    return np.where(values == 0, 0, np.sign(values) * place).astype(int)


def finest(values, most=256):
    return next(bits for bits in range(12, -1, -1) if len(np.unique(cells(values, bits))) <= most)


def tenths(a, b):
    """Counts of both in tenths of `a`, cut where cells end, with a bin for what lies beyond `a` on either side; empty ones left out."""
    last = [np.sort(a)[max(0, int(np.ceil(len(a) * k / 10)) - 1)] for k in range(1, 10)]
    ends = np.unique([a.min() - 1, *last, a.max()])
    place = lambda x: np.searchsorted(ends, x, side="left")
    counts = np.array([np.bincount(place(x), minlength=len(ends) + 1) for x in (a, b)])
    return counts[:, counts.sum(axis=0) > 0]


def compare(name, a, b):
    bits = finest(a)
    one, other = cells(a, bits), cells(b, bits)
    counts = tenths(one, other)
    p, q = (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True)
    return {
        "column": name,
        "bits": bits,
        "bins": counts.tolist(),
        "psi": float(special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()),
        "js": float(spatial.distance.jensenshannon(counts[0], counts[1], base=2) ** 2),
        "ks": float(stats.ks_2samp(one, other).statistic),
        "ksOfValues": float(stats.ks_2samp(a, b).statistic),
        "chance": float(stats.chi2_contingency(counts, correction=False).pvalue) if counts.shape[1] > 1 else 1.0,
        "mean": [float(np.mean(a.astype(np.longdouble))), float(np.mean(b.astype(np.longdouble)))],
        "deviation": [float(np.std(a.astype(np.longdouble))), float(np.std(b.astype(np.longdouble)))],
    }


def main():
    with open(DATA, newline="") as file:
        rows = list(csv.DictReader(file))
    year = np.array([row["yr"] for row in rows])
    columns = []
    for name in COLUMNS:
        values = np.array([row[name] for row in rows], dtype=np.float32).astype(float)
        columns.append(compare(name, values[year == "0"], values[year == "1"]))
    tails = [[x, k, float(stats.chi2.sf(x, k))] for x, k in [(0.5, 1), (3.84, 1), (40, 1), (9.2, 9), (50, 9), (200, 9), (100, 120), (300, 200), (900, 200)]]
    exact = []
    for a, n, b, m in [(0, 10, 3, 10), (3, 1000, 12, 900), (500, 10_000, 640, 10_000), (0, 500, 1, 20), (900, 1000, 950, 1000), (100_000, 1_000_000, 100_500, 900_000)]:
        law = stats.hypergeom(n + m, a + b, m)
        exact.append([a, n, b, m, float(min(1, 2 * (law.sf(b - 1) if b >= m * (a + b) / (n + m) else law.cdf(b))))])
    print(json.dumps({"columns": columns, "chiSquareTails": tails, "shareChances": exact}, indent=1))


if __name__ == "__main__":
    main()
