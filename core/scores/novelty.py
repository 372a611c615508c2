"""How new an image is beside what was there before its batch came."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.maps.neighbours import Neighbours

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

#: With fewer earlier images nothing is said.
LEAST_EARLIER = 10
_SAMPLE = 1_000  # earlier images whose distances tell what is usual
_GROWTH = 1.02  # they are drawn again when there are so many times as many earlier images


def novelty(
    features: Floats,
    graph: Neighbours,
    batches: npt.NDArray[np.int64],
    step: Callable[[int, int], None] | None = None,
) -> Floats:
    """How new each image was when its batch came, float32 (N,) in [0, 1]; NaN: not to be said.

    The share of earlier images that were closer to another earlier image than this one is to any
    earlier image: 0.5 is as usual, 0.99 is farther out than 99 of 100. This is the rank of a
    conformal anomaly detector whose strangeness is the distance to the nearest neighbour (Laxhammar
    & Falkman, "Sequential conformal anomaly detection in trajectories", 2011); equal distances
    count half. What is usual comes from at most 1,000 earlier images. An image is not compared
    with its own batch, so a batch full of one new thing is new as a whole.

    Distances come from the graph. Where all neighbours in it came later or in the same batch the
    nearest earlier image is searched among all.

    Args:
        features: float32 (N, D).
        graph: of `features`.
        batches: int64 (N,): a later batch has a higher number.
        step: called with the images done and in all; may raise to stop.
    """
    found = np.full(len(batches), np.nan, dtype=np.float32)
    past = _Past.of(features, graph, batches)
    random = np.random.default_rng(0)
    usual, usual_at = np.empty(0, dtype=np.float32), 0.0
    for start, stop in past.batch_ends():
        if start >= LEAST_EARLIER:
            if start > _GROWTH * usual_at:
                sample = np.sort(random.choice(start, min(start, _SAMPLE), replace=False))
                usual, usual_at = np.sort(past.nearest(sample, start)), start
            distances = past.nearest(np.arange(start, stop), start)
            ranks = np.searchsorted(usual, distances, "left")
            ranks = ranks + np.searchsorted(usual, distances, "right")
            found[past.order[start:stop]] = ranks / (2 * len(usual))
        if step is not None:
            step(stop, len(batches))
    return found


@dataclass(frozen=True)
class _Past:
    """Everything in the order of the batches, so that what came earlier is a beginning."""

    order: Rows
    batches: npt.NDArray[np.int64]
    features: Floats
    graph: Neighbours

    @classmethod
    def of(cls, features: Floats, graph: Neighbours, batches: npt.NDArray[np.int64]) -> "_Past":
        order = np.argsort(batches, kind="stable")
        if (np.diff(batches) >= 0).all():
            return cls(order, batches, features, graph)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        moved = Neighbours(place[graph.indices[order]], graph.distances[order], graph.recall)
        return cls(order, batches[order], features[order], moved)

    def batch_ends(self) -> list[tuple[int, int]]:
        """Where each batch begins and ends."""
        ends = [0, *(np.flatnonzero(np.diff(self.batches)) + 1).tolist(), len(self.batches)]
        return list(itertools.pairwise(ends))

    def nearest(self, rows: Rows, earlier: int) -> Floats:
        """Distances from `rows` to the nearest others among the first `earlier`, float32 (R,)."""
        import faiss

        from core.maps.distances import distances_to
        from core.maps.neighbours import without_itself

        among = self.graph.indices[rows] < earlier
        distances: Floats = self.graph.distances[rows, among.argmax(axis=1)].copy()
        unknown = np.flatnonzero(~among.any(axis=1))
        if len(unknown):
            asked = rows[unknown]
            _, near = faiss.knn(self.features[asked], self.features[:earlier], 2)
            others = without_itself(near, asked)
            distances[unknown] = distances_to(self.features, asked, others)[:, 0]
        return distances
