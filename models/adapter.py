"""What every vision model offers, whatever its family."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.geometry import Picture, Prepared

__all__ = ["Box", "Detection", "Output", "Picture", "Prepared", "VisionModel"]

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Detection:
    """A found object.

    Attributes:
        confidence: in [0, 1].
        box: x0, y0, x1, y1 as shares of the upright image's width and height, in [0, 1].
    """

    label: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Output:
    """What a model says about one image.

    Attributes:
        label: most probable class; of a detector, the class of its most confident detection;
            None when nothing is found.
        confidence: probability of `label` in [0, 1]; None together with it.
        features: float32 array of the card's `feature_size`, taken in front of the output layer.
        detections: what a detector found, most confident first.
        entropy: a classifier's Shannon entropy over its classes as a share of the greatest, ln of
            their number, in [0, 1]; None of a detector.
        margin: a classifier's probability of its first class less that of its second, in [0, 1];
            None of a detector.
    """

    label: str | None
    confidence: float | None
    features: NDArray[np.float32]
    detections: tuple[Detection, ...] = ()
    entropy: float | None = None
    margin: float | None = None


class Network(Protocol):
    """A network on the device that runs it.

    Attributes:
        device: as a `VisionModel` gives it.
    """

    device: str

    def run(self, images: Sequence[NDArray[np.uint8]]) -> list[list[NDArray[np.float32]]]:
        """For each image of (height, width, 3) its outputs, without the batch axis."""
        ...


class VisionModel(Protocol):
    """A loaded model."""

    card: ModelCard

    @property
    def device(self) -> str:
        """Runtime, device and precision, such as "OpenVINO CPU f32"."""
        ...

    def prepare(self, image: Picture) -> Prepared:
        """Bring an upright image to the network's input size; safe to call in many threads."""
        ...

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Run the network on any number of prepared images; the outputs keep their order."""
        ...
