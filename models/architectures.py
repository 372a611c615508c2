"""The architectures of torchvision and timm that a state dict may belong to.

`architectures.txt` lists them with a signature of their tensors' names, so that an uploaded file is
recognised without building fifteen hundred networks; `python -m tools.architectures` writes it.
Only `build` and what follows it need torch, on first use.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UnusableFile

if TYPE_CHECKING:
    import torch

_INDEX = Path(__file__).parent / "architectures.txt"
#: A counter that old files lack and no inference needs.
COUNTER = "num_batches_tracked"
_WITH_BACKGROUND = ("torchvision:fasterrcnn_", "torchvision:ssd")
_DETECTORS = (*_WITH_BACKGROUND, "torchvision:retinanet_", "torchvision:fcos_")
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class InputForm:
    """What an architecture's usual training fed it.

    Attributes:
        size: height and width in pixels.
        mean: of each channel, on a scale from 0 to 1.
        std: likewise.
    """

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@lru_cache
def _index() -> dict[str, str]:
    """Signature of each architecture, torchvision's before timm's."""
    lines = _INDEX.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ") for line in lines)


def names() -> tuple[str, ...]:
    """Every known architecture, as `library:name`."""
    return tuple(_index())


def signature(keys: Iterable[str]) -> str:
    """A short hash of the names of a state dict's tensors, whatever their order."""
    relevant = sorted(key for key in keys if not key.endswith(COUNTER))
    return hashlib.sha256("\n".join(relevant).encode()).hexdigest()[:12]


def candidates(keys: Iterable[str]) -> list[str]:
    """The architectures whose tensors have just these names, torchvision's first."""
    wanted = signature(keys)
    return [name for name, found in _index().items() if found == wanted]


def build(architecture: str, classes: int) -> "torch.nn.Module":
    """An untrained network of this architecture in evaluation mode, with `classes` outputs.

    Raises:
        UnusableFile: there is no such architecture.
    """
    library, _, name = architecture.partition(":")
    if architecture not in _index():
        raise UnusableFile("architecture_unknown", architecture=architecture)
    if library == "timm":
        import timm

        network: torch.nn.Module = timm.create_model(name, pretrained=False, num_classes=classes)
        return network.eval()
    if name == "fasterrcnn_mobilenet_v2":
        return _fasterrcnn_mobilenet_v2(classes + 1)
    from torchvision.models import get_model

    options: dict[str, Any] = {"weights": None, "num_classes": classes}
    if is_detector(architecture):
        options["weights_backbone"] = None
        options["num_classes"] += has_background(architecture)
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    built: torch.nn.Module = get_model(name, **options)
    return built.eval()


def _fasterrcnn_mobilenet_v2(outputs: int) -> "torch.nn.Module":
    """Faster R-CNN over MobileNetV2's features alone, as torchvision's tutorial builds it:
    https://docs.pytorch.org/tutorials/intermediate/torchvision_tutorial.html
    """
    from torchvision.models import mobilenet_v2
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.rpn import AnchorGenerator
    from torchvision.ops import MultiScaleRoIAlign

    backbone: Any = mobilenet_v2(weights=None).features
    backbone.out_channels = 1280
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),), ((0.5, 1.0, 2.0),))
    pool = MultiScaleRoIAlign(featmap_names=["0"], output_size=7, sampling_ratio=2)
    built: torch.nn.Module = FasterRCNN(
        backbone, outputs, rpn_anchor_generator=anchors, box_roi_pool=pool
    )
    return built.eval()


def is_detector(architecture: str) -> bool:
    """Whether it gives boxes."""
    return architecture.startswith(_DETECTORS)


def has_background(architecture: str) -> bool:
    """Whether a detector counts the background as its class 0, as those with a softmax do."""
    return architecture.startswith(_WITH_BACKGROUND)


def output_layer(network: "torch.nn.Module") -> str:
    """Name of the module whose output the network gives: the last layer with weights.

    timm says which it is; in torchvision's networks it is the last linear layer or convolution
    that does not belong to an auxiliary head.
    """
    import torch

    config = getattr(network, "pretrained_cfg", None) or {}
    named = config.get("classifier")
    modules = dict(network.named_modules())
    if isinstance(named, str) and isinstance(modules.get(named), torch.nn.Linear | torch.nn.Conv2d):
        return named
    layers: list[str] = [
        name
        for name, module in modules.items()
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d) and "aux" not in name.lower()
    ]
    return layers[-1]


def usual_input(architecture: str, network: "torch.nn.Module") -> InputForm:
    """What the architecture's published weights take; ImageNet's form where none are known."""
    config = getattr(network, "pretrained_cfg", None)
    if config:
        _channels, height, width = config["input_size"]
        return InputForm((height, width), tuple(config["mean"]), tuple(config["std"]))
    from torchvision.models import get_model_weights

    side = 224
    for weights in get_model_weights(architecture.partition(":")[2]):
        side = weights.transforms().crop_size[0]
        break
    return InputForm((side, side), IMAGENET_MEAN, IMAGENET_STD)
