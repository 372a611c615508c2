"""Weights alone as a network that can be looked at and converted, whatever it finds."""

from models import state_dict
from models.architectures import is_detector
from models.torch_detectors import DetectorGraph
from models.torch_graph import TorchGraph


def network_of(architecture: str, state: state_dict.State, classes: int) -> TorchGraph:
    """The network of `architecture` with these weights.

    Raises:
        UnusableFile: they do not fit.
    """
    kind = DetectorGraph if is_detector(architecture) else TorchGraph
    return kind(architecture, state, classes)
