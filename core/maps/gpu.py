"""Nearest neighbours on a graphics card, where there is one that torch can use."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

_DRIVER = Path("/proc/driver/nvidia/version")
_DATABASE_ROWS = 65_536  # compared with a block of rows at once


def gpu_name() -> str | None:
    """The card's name; None: there is none, or no CUDA in torch. Loads torch only for a driver."""
    if not _DRIVER.exists():
        return None
    import torch

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else None


class TorchSearch:
    """Exact search among rows that stay on a device."""

    def __init__(self, features: npt.NDArray[np.float32], device: str = "cuda") -> None:
        import torch

        self._rows = torch.from_numpy(np.ascontiguousarray(features)).to(device)
        self._squares = (self._rows * self._rows).sum(1)

    def __call__(self, rows: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
        """Indices (R, k) of the rows nearest to each of `rows` (R, D), the nearest first."""
        import torch

        asked = torch.from_numpy(np.ascontiguousarray(rows)).to(self._rows.device)
        found = torch.empty((len(rows), 0), device=asked.device)
        places = torch.empty((len(rows), 0), dtype=torch.int64, device=asked.device)
        for start in range(0, len(self._rows), _DATABASE_ROWS):
            part = slice(start, start + _DATABASE_ROWS)
            distances = torch.addmm(self._squares[part], asked, self._rows[part].T, alpha=-2)
            here = torch.arange(start, start + distances.shape[1], device=asked.device)
            found = torch.cat([found, distances], dim=1)
            places = torch.cat([places, here.expand(len(rows), -1)], dim=1)
            found, order = torch.topk(found, min(k, found.shape[1]), largest=False)
            places = places.gather(1, order)
        return np.asarray(places.cpu().numpy())
