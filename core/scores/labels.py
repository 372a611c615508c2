"""Classes that the neighbours do not share."""

import numpy as np
import numpy.typing as npt

from core.maps.neighbours import Neighbours

#: Classed neighbours that are asked.
NEIGHBOURS = 15
_LEAST = 5  # fewer say nothing
_BLOCK = 20_000  # images looked at at once


def label_errors(
    graph: Neighbours, annotated: npt.NDArray[np.int32], predicted: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32]:
    """How likely each image's class is wrong, float32 (N,) in [0, 1]; NaN: it cannot be said.

    The classes of an image's 15 nearest classed neighbours vote, as for label noise in Zhu, Dong &
    Liu, "Detecting corrupted labels without training a model to predict" (2022). The score is one
    less the normalised margin of Kuan & Mueller, "Model-agnostic label quality scoring" (2022):
    with p(c) the share of votes for class c, y the image's class and m the greatest other p(c),

        score = (1 + m - p(y)) / 2

    It is 0 where all neighbours agree with the image, 1 where all agree on another class, and 0.5
    on the border between two. An image that people gave a class is compared with other such
    images; what has a prediction only, with all predictions: the two do not mix, because a model's
    classes need not be those of the people. Fewer than 5 classed neighbours say nothing.

    Args:
        graph: of the images' features.
        annotated: int32 (N,): number of the class that people gave; -1: none.
        predicted: int32 (N,): number of the predicted class; -1: none.
    """
    by_people = _disagreement(graph, annotated)
    by_model = _disagreement(graph, predicted)
    errors: npt.NDArray[np.float32] = np.where(annotated >= 0, by_people, by_model)
    return errors


def _disagreement(graph: Neighbours, classes: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    errors = np.full(len(classes), np.nan, dtype=np.float32)
    classed = np.flatnonzero(classes >= 0)
    for start in range(0, len(classed), _BLOCK):
        rows = classed[start : start + _BLOCK]
        votes = classes[graph.indices[rows]]
        # Those with a class come first, the near ones before the far ones.
        order = np.argsort(votes < 0, axis=1, kind="stable")[:, :NEIGHBOURS]
        votes = np.take_along_axis(votes, order, axis=1)
        errors[rows] = _margins(votes, classes[rows])
    return errors


def _margins(votes: npt.NDArray[np.int32], own: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Scores (R,) of images of the classes `own` (R,) by `votes` (R, k); -1 is no vote."""
    counts = (votes >= 0).sum(axis=1)
    agreeing = (votes == own[:, None]).sum(axis=1)
    others = np.where(votes == own[:, None], -1, votes)
    same = (others[:, :, None] == others[:, None, :]) & (others >= 0)[:, :, None]
    strongest = same.sum(axis=2).max(axis=1, initial=0)
    enough = counts >= _LEAST
    scores = (1 + (strongest - agreeing) / np.maximum(counts, 1)) / 2
    margins: npt.NDArray[np.float32] = np.where(enough, scores, np.nan).astype(np.float32)
    return margins
