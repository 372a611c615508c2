"""Rows in int8, and what that leaves of each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.float32]

_MIXED = 256  # numbers of a row that are mixed with each other, a power of two
_AT_ONCE = 512  # rows, near the processor
_MOST = 127  # int8, the same in both directions


@dataclass(frozen=True)
class Quantised:
    """A row is about `scales` times its `whole` numbers, after a rotation that all rows share."""

    #: int8 (N, D'), D' the number of features filled up to a multiple of 256.
    whole: "torch.Tensor"
    #: float32 (N,).
    scales: Floats
    #: float32 (N,): the length of what rounding left of the row.
    left: Floats


def quantise(features: Floats, order: npt.NDArray[np.int64]) -> Quantised:
    """Finite rows float32 (N, D) in int8, each by its own scale, in another order (N,).

    Rounding leaves least of a row whose numbers are about as large as each other. So they are mixed
    before by a rotation, signs at random and a Hadamard matrix (Ailon & Chazelle 2009), which
    leaves lengths and angles as they are.
    """
    import torch

    n, size = features.shape
    padded = -(-size // _MIXED) * _MIXED
    random = np.random.default_rng(0)
    signs = torch.from_numpy(random.choice([-1, 1], size).astype(np.float32))
    mixing = torch.from_numpy(_hadamard(_MIXED))
    whole = torch.empty((n, padded), dtype=torch.int8)
    scales, left = torch.empty(n), torch.empty(n)
    tiny = torch.finfo(torch.float32).tiny
    for start in range(0, n, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        rows = torch.from_numpy(features[order[part]]) * signs
        rows = torch.nn.functional.pad(rows, (0, padded - size))
        rows = (rows.view(-1, _MIXED) @ mixing).view(-1, padded)
        scale = rows.abs().amax(1).div_(_MOST).clamp_(min=tiny)[:, None]
        rounded = (rows / scale).round_()
        whole[part] = rounded
        scales[part] = scale[:, 0]
        left[part] = rows.sub_(rounded.mul_(scale)).norm(dim=1)
    return Quantised(whole, scales.numpy(), left.numpy())


def _hadamard(size: int) -> Floats:
    """Sylvester's orthogonal matrix (size, size) for a power of two."""
    matrix = np.ones((1, 1))
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    orthogonal: Floats = (matrix / np.sqrt(size)).astype(np.float32)
    return orthogonal
