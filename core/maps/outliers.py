"""How odd an image is among its neighbours."""

import numpy as np
import numpy.typing as npt

#: Neighbours that the score looks at, as far as there are so many.
NEIGHBOURS = 10


def outlier_scores(
    distances: npt.NDArray[np.float32], usual: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """Outlier scores in [0, 1] from distances to the k nearest neighbours, float32 (N, k) -> (N,).

    An image is odd when its neighbours are far: distance to the k nearest neighbours after
    Ramaswamy, Rastogi & Shim, "Efficient algorithms for mining outliers from large data sets"
    (2000), here their mean as in Angiulli & Pizzuti (2002). With m the median of these means and
    s their robust standard deviation (1.4826 times the median absolute deviation; where that is 0
    because most are alike, 1.2533 times the mean absolute deviation, Iglewicz & Hoaglin 1993),
    z = (mean - m) / s and

        score = (1 + z / (1 + |z|)) / 2

    The typical image has 0.5, one that is three deviations farther out 0.875, and the order of
    the means is kept without reaching 1. Where all means are equal every score is 0.5.

    m and s are those of `usual`, distances (M, k) of other images, where there are some.
    """
    means = distances.mean(axis=1, dtype=np.float64)
    typical = means if usual is None else usual.mean(axis=1, dtype=np.float64)
    deviations = means - np.median(typical)
    spread = np.abs(typical - np.median(typical))
    scale = 1.4826 * np.median(spread)
    if scale == 0:
        scale = 1.2533 * spread.mean()
    z = deviations / scale if scale > 0 else np.zeros_like(deviations)
    scores: npt.NDArray[np.float32] = ((1 + z / (1 + np.abs(z))) / 2).astype(np.float32)
    return scores
