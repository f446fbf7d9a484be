"""Ridge logistic regression for heads over sentence vectors. Imports numpy: only what trains asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .vectors import Floats


def logistic(x: Floats, labels: Floats, *, strength: float, counted: Floats) -> Floats:
    """Weights of a ridge logistic regression: the least of |w|^2 / 2 + strength * sum of counted losses.

    Newton's method in the space of the examples, which are fewer than the features.
    """
    kernel = x @ x.T
    dual: Floats = np.zeros(len(labels))
    for _step in range(100):
        values = kernel @ dual
        chance = sigmoid(values)
        curve = strength * counted * np.maximum(chance * (1 - chance), 1e-10)
        wanted = values + strength * counted * (labels - chance) / curve
        newer = np.asarray(np.linalg.solve(kernel + np.diag(1 / curve), wanted), dtype=np.float64)
        if float(np.abs(newer - dual).max()) < 1e-9 * max(1.0, float(np.abs(dual).max())):
            dual = newer
            break
        dual = newer
    weights: Floats = x.T @ dual
    return weights


def even(labels: Floats, counted: Floats | None = None) -> Floats:
    """`counted`, with the two labels weighing alike and one an example on average."""
    counted = np.ones(len(labels)) if counted is None else counted
    of_one, of_other = float(counted @ labels), float(counted @ (1 - labels))
    if not of_one or not of_other:
        return counted
    half = len(labels) / 2
    return counted * np.where(labels > 0, half / of_one, half / of_other)


def sigmoid(values: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return result
