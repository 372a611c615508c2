"""Number formats that a network runs in, and how far its answers in two of them agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.adapter import Output

#: `mixed`: bf16 but for the convolutions that it would spoil, see `models.mixture`.
Precision = Literal["f32", "mixed", "bf16"]
#: What a fast format must keep of f32.
MIN_RECALL, MIN_AGREEMENT = 0.98, 0.99
NEIGHBOURS = 10


@dataclass(frozen=True)
class Check:
    """How far a model in a fast format agrees with itself in f32.

    Attributes:
        recall: share of each image's ten nearest neighbours, by cosine, that both have.
        agreement: share of images with the same label.
        images: size of the sample.
    """

    recall: float
    agreement: float
    images: int

    @property
    def passed(self) -> bool:
        """Whether the fast format may be used."""
        return self.recall >= MIN_RECALL and self.agreement >= MIN_AGREEMENT


def check_of(exact: Sequence[Output], fast: Sequence[Output]) -> Check:
    """How far two runs of a model over the same images agree.

    The recall is the lower one of two: with all features from `fast`, and with those of every
    other image, as in a project whose images were not all analysed in the same format.
    """
    a, b = [x.features for x in exact], [x.features for x in fast]
    mixed = [pair[index % 2] for index, pair in enumerate(zip(a, b, strict=True))]
    return Check(
        min(recall_at(NEIGHBOURS, a, b), recall_at(NEIGHBOURS, a, mixed)),
        sum(x.label == y.label for x, y in zip(exact, fast, strict=True)) / len(exact),
        len(exact),
    )


def recall_at(
    k: int, exact: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]
) -> float:
    """Mean share of each vector's `k` nearest neighbours by cosine that are the same in `other`."""
    first, second = _neighbours(k, np.stack(exact)), _neighbours(k, np.stack(other))
    shared = [len(set(x) & set(y)) for x, y in zip(first, second, strict=True)]
    return float(np.mean(shared) / k)


def _neighbours(k: int, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N, k) indices of the nearest others of (N, D) vectors."""
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    similarity = directions @ directions.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]
