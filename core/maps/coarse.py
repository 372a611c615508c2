"""Candidates for nearest neighbours by bf16, with a bound that says when they hold all of them."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

_ROUNDING = 2.0**-9  # of a number to bf16, relative
_ROWS = 256  # whose distances to all others are held at once, near the processor
_SLACK = 1e-5  # for sums in f32, relative to the squares that are added


class CoarseSearch:
    """Compares rows in bf16; a chip that has it multiplies several times as fast as in f32.

    What bf16 leaves of each row is known, so by Cauchy and Schwarz no product of two rows is
    further from the true one than |a - a'| |b| + |a'| |b - b'| and the rounding of the result,
    where a' and b' are the rows in bf16.
    """

    def __init__(self, features: npt.NDArray[np.float32]) -> None:
        """Keep float32 (N, D) in bf16 too."""
        import torch

        self._rows = torch.from_numpy(np.ascontiguousarray(features))
        self._coarse = self._rows.bfloat16()
        self._squares = (self._rows * self._rows).sum(1)
        self._longest = float(self._squares.max()) ** 0.5
        self._left_most = float(self._left(self._rows, self._coarse).max())

    def __call__(
        self, rows: npt.NDArray[np.float32], k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Candidates for the `k` rows nearest to each of `rows` (R, D).

        Returns:
            Indices (R, m), at least `k` and the nearer ones first by bf16, and float32 (R,): every
            row that is not among them is at least so far away.
        """
        import torch

        asked = torch.from_numpy(np.ascontiguousarray(rows))
        coarse = asked.bfloat16()
        # As many more as usually lie within the bound.
        most = min(k + k // 2 + 16, len(self._rows))
        parts = []
        for part in torch.split(coarse, _ROWS):
            apart = torch.add(self._squares, part @ self._coarse.T, alpha=-2)
            parts.append(torch.topk(apart, most, largest=False))
        found, places = (torch.cat(each) for each in zip(*parts, strict=True))
        squares = (asked * asked).sum(1)
        length = squares.sqrt()
        bound = self._left(asked, coarse) * self._longest + length * (1 + _ROUNDING) * (
            self._left_most + self._longest * (1 + _ROUNDING) * _ROUNDING * 2
        )
        beyond = squares + found[:, -1] - 2 * bound - _SLACK * (squares + self._longest**2)
        return places.numpy(), beyond.clamp(min=0).sqrt().numpy()

    @staticmethod
    def _left(rows: "torch.Tensor", coarse: "torch.Tensor") -> "torch.Tensor":
        """(R,): the length of what bf16 leaves of each row."""
        left: torch.Tensor = (rows - coarse.float()).norm(dim=1)
        return left
