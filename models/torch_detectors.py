"""Detectors of torchvision with somebody's weights, as OpenVINO graphs.

A graph gives the surest pairs of a box and a class, then the features. One box may stand there with
several classes, each of which counts, as in torchvision's own answer. Overlaps are thrown away
outside of the graph, by the same rules as for every other detector.
"""

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino as ov

from models import state_dict
from models.architectures import InputForm, has_background
from models.errors import UnusableFile
from models.layers import Layer, feature_length
from models.torch_graph import TorchGraph, pooled

if TYPE_CHECKING:
    import torch

_PROPOSALS = 1000  # of two-stage detectors, as torchvision keeps them
# Pairs that may be told apart from overlaps: of each level of a pyramid as torchvision keeps them,
# of a softmax over proposals or anchors more than can lie above the threshold.
_PAIRS_OF_LEVEL = 1000
_PAIRS = 4000
# Longest sides of usual inputs; torchvision's own sizes mean the shorter side.
_SIDES = {
    "ssdlite320_mobilenet_v3_large": (320, 320), "ssd300_vgg16": (300, 300),
    "fasterrcnn_mobilenet_v3_large_320_fpn": (480, 480),
    "fasterrcnn_mobilenet_v2": (218, 178),
}  # fmt: skip
_USUAL_SIDES = (800, 800)


class DetectorGraph(TorchGraph):
    """A detector of a known architecture with somebody's weights."""

    def __init__(self, architecture: str, state: state_dict.State, classes: int) -> None:
        super().__init__(architecture, state, classes)
        self._output = ""  # boxes come from several layers

    def usual_input(self) -> InputForm:
        """What torchvision's own transform gives it; its longest side where that may vary."""
        transform = self.network.transform
        sides = _SIDES.get(self.architecture.partition(":")[2], _USUAL_SIDES)
        mean, std = tuple(transform.image_mean), tuple(transform.image_std)
        return InputForm(sides, mean, std)

    def _may_give_features(self, name: str) -> bool:
        return name.startswith("backbone.")

    def default_layer(self, size: tuple[int, int]) -> Layer:
        """All maps that enter the head, their averages side by side."""
        import torch

        with torch.inference_mode():
            maps = _maps(self.network, torch.zeros(1, 3, *size))
        length = sum(feature_length(tuple(item.shape[1:])) for item in maps.values())
        return Layer("backbone", type(self.network.backbone).__name__, (), length)

    def graph(self, size: tuple[int, int], layer: str | None) -> ov.Model:
        """The graph for one float image of (1, 3, height, width).

        Raises:
            UnusableFile: no such layer, or not at this size.
        """
        import torch

        names = dict(self.network.named_modules())
        if layer is not None and layer not in names:
            raise UnusableFile("no_layer", layer=layer)
        self._run(size)
        wrapped = _boxes_and_features(self.network, size, names[layer] if layer else None)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes become constants, which is meant
            path = Path(folder) / "detector.onnx"
            image = (torch.zeros(1, 3, *size),)
            with torch.inference_mode():
                torch.onnx.export(wrapped, image, path, dynamo=False, opset_version=16)
            graph = ov.Core().read_model(path)
        graph.reshape([1, 3, *size])
        return graph

    def _forward(self, images: "torch.Tensor") -> None:
        size = (int(images.shape[2]), int(images.shape[3]))
        _boxes_and_features(self.network, size, None)(images)


def _maps(network: Any, images: "torch.Tensor") -> dict[str, "torch.Tensor"]:
    import torch

    maps: Any = network.backbone(images)
    return {"0": maps} if isinstance(maps, torch.Tensor) else dict(maps)


def _boxes_and_features(
    network: Any, size: tuple[int, int], layer: "torch.nn.Module | None"
) -> "torch.nn.Module":
    import torch
    from torchvision.models.detection.image_list import ImageList
    from torchvision.ops import clip_boxes_to_image

    seen: list[torch.Tensor] = []
    if layer is not None:
        layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    find = _two_stages if hasattr(network, "roi_heads") else _one_stage

    class BoxesAndFeatures(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            seen.clear()
            maps = _maps(self.network, images)
            rows = find(self.network, ImageList(images, [size]), maps)
            boxes = clip_boxes_to_image(rows[:, :4], size)
            taken = seen if seen else list(maps.values())
            features = torch.cat([pooled(item) for item in taken], dim=1)
            return torch.cat([boxes, rows[:, 4:]], dim=1)[None], features

    return BoxesAndFeatures().eval()


def _one_stage(network: Any, images: Any, maps: dict[str, "torch.Tensor"]) -> "torch.Tensor":
    """RetinaNet, FCOS and SSD: rows (N, 6) of a box, its confidence and its class."""
    import torch

    features = list(maps.values())
    found = network.head(features)
    anchors = network.anchor_generator(images, features)[0]
    offsets, logits = found["bbox_regression"][0], found["cls_logits"][0]
    kind = type(network).__name__
    if kind == "FCOS":
        confidences = (logits.sigmoid() * found["bbox_ctrness"][0].sigmoid()).sqrt()
        boxes = network.box_coder.decode(offsets, anchors)
    else:
        boxes = network.box_coder.decode_single(offsets, anchors)
        confidences = logits.softmax(-1)[:, 1:] if kind == "SSD" else logits.sigmoid()
    if kind == "SSD":
        return _surest(boxes, confidences, _PAIRS)
    # As torchvision does it: no level crowds out another one.
    each = len(anchors) // sum(item.shape[2] * item.shape[3] for item in features)
    sizes = [item.shape[2] * item.shape[3] * each for item in features]
    levels = zip(boxes.split(sizes), confidences.split(sizes), strict=True)
    return torch.cat([_surest(*level, _PAIRS_OF_LEVEL) for level in levels])


def _surest(boxes: "torch.Tensor", confidences: "torch.Tensor", most: int) -> "torch.Tensor":
    """The surest pairs of a box (N, 4) and a class of (N, classes), as rows (up to `most`, 6)."""
    import torch

    classes = confidences.shape[1]
    flat = confidences.flatten()
    values, places = flat.topk(min(most, flat.shape[0]))
    chosen = boxes[torch.div(places, classes, rounding_mode="floor")]
    return torch.cat([chosen, values[:, None], (places % classes)[:, None].to(values.dtype)], dim=1)


def _two_stages(network: Any, images: Any, maps: dict[str, "torch.Tensor"]) -> "torch.Tensor":
    """Faster R-CNN: the same rows; each class of a proposal has a box of its own."""
    import torch

    proposals, _ = network.rpn(images, maps)
    heads = network.roi_heads
    entering = heads.box_head(heads.box_roi_pool(maps, proposals, images.image_sizes))
    logits, offsets = heads.box_predictor(entering)
    scores = logits.softmax(-1)[:, 1:]
    boxes = heads.box_coder.decode(offsets, proposals)[:, 1:]
    # As many rows for every image.
    classes = scores.shape[1]
    scores = torch.cat([scores, scores.new_zeros(_PROPOSALS, classes)])[:_PROPOSALS]
    boxes = torch.cat([boxes, boxes.new_zeros(_PROPOSALS, classes, 4)])[:_PROPOSALS]
    flat = scores.reshape(-1)
    values, places = flat.topk(min(_PAIRS, _PROPOSALS * classes))
    chosen = boxes.reshape(-1, 4)[places]
    return torch.cat([chosen, values[:, None], (places % classes)[:, None].to(values.dtype)], dim=1)


def class_count(architecture: str, state: state_dict.State) -> int | None:
    """How many classes a detector's weights tell apart, the background not counted."""
    import torch

    shell = state_dict.shell(architecture, 1)
    total = None
    for name, module in shell.named_modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d) and _is_class_layer(name):
            weight = state.get(f"{name}.weight")
            outputs = 2 if has_background(architecture) else 1
            anchors = module.weight.shape[0] // outputs
            total = None if weight is None else int(weight.shape[0]) // anchors
            break
    return None if total is None else total - has_background(architecture)


def _is_class_layer(name: str) -> bool:
    if name.endswith((".cls_score", ".cls_logits")):
        return not name.startswith("rpn.")  # whose classes are: something, or nothing
    first = "head.classification_head.module_list.0"
    return name in (first, f"{first}.1")
