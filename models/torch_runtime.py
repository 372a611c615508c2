"""Networks in torch, for graphics cards."""

import ctypes
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.formats import Precision
from models.openvino_runtime import Normalisation

if TYPE_CHECKING:
    import torch

_LARGEST_BATCH = 256


def cuda_available() -> bool:
    """Whether torch finds a graphics card that runs CUDA.

    Torch takes seconds and hundreds of megabytes, so it is asked only where there is a driver.
    """
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()


def cuda_has(precision: Precision) -> bool:
    """Whether the graphics card calculates in `precision` by instructions of its own."""
    import torch

    return precision == "f32" or torch.cuda.is_bf16_supported(including_emulation=False)


class TorchNetwork:
    """A torch module for uint8 images of (height, width, 3), in batches, channels last.

    A batch for which the card's memory is too small is halved, and so are all after it.
    """

    def __init__(
        self,
        module: "torch.nn.Module",
        normalisation: Normalisation,
        device: str,
        precision: Precision = "f32",
        reverse: bool = False,
    ) -> None:
        """Bring `module` to `device`.

        Args:
            module: takes float (N, 3, height, width) and gives a tuple of tensors (N, ...).
            device: torch's name of it, `cuda` or `cpu`.
            reverse: whether the module wants blue before green before red; `normalisation` is then
                in that order too.
        """
        import torch

        self._torch = torch
        self._device = torch.device(device)
        self._type = torch.bfloat16 if precision == "bf16" else torch.float32
        self._module = module.eval().to(
            self._device,
            self._type,
            memory_format=torch.channels_last,  # type: ignore[call-overload]
        )
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(normalisation.mean, device=self._device).reshape(shape)
        self._std = torch.tensor(normalisation.std, device=self._device).reshape(shape)
        self._reverse = reverse
        self._lock = threading.Lock()
        #: Most images of one forward pass.
        self.batch = _LARGEST_BATCH
        cuda = self._device.type == "cuda"
        name = f" ({torch.cuda.get_device_name(self._device)})" if cuda else ""
        self.device = f"PyTorch {device.upper()}{name} {precision}"

    def run(self, images: Sequence[NDArray[np.uint8]]) -> list[list[NDArray[np.float32]]]:
        """For each image the module's outputs, as float32 arrays without the batch axis.

        May be called in several threads at once; they take turns.

        Raises:
            torch.OutOfMemoryError: one image alone is too much.
        """
        results: list[list[NDArray[np.float32]]] = []
        with self._lock:
            while len(results) < len(images):
                some = images[len(results) : len(results) + self.batch]
                try:
                    results.extend(self._forward(some))
                except self._torch.OutOfMemoryError:
                    if len(some) == 1:
                        raise
                    self.batch = len(some) // 2
                    if self._device.type == "cuda":
                        self._torch.cuda.empty_cache()
        return results

    def _forward(self, images: Sequence[NDArray[np.uint8]]) -> list[list[NDArray[np.float32]]]:
        torch = self._torch
        with torch.inference_mode():
            pixels = torch.from_numpy(np.stack(images))
            if self._device.type == "cuda":
                pixels = pixels.pin_memory()
            # (N, height, width, 3) seen as (N, 3, height, width) is channels last already.
            batch = pixels.to(self._device, non_blocking=True).permute(0, 3, 1, 2).float()
            if self._reverse:
                batch = batch.flip(1)
            batch = ((batch - self._mean) / self._std).to(
                self._type, memory_format=torch.channels_last
            )
            outputs: Any = [tensor.float().cpu().numpy() for tensor in self._module(batch)]
        return [[output[index] for output in outputs] for index in range(len(images))]
