"""torchvision's detectors from weights alone: recognised, and found what torchvision finds."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image

from models import own, state_dict
from models.architectures import build
from models.card import ModelCard, OwnFile, Recipe
from models.conversion import converted_here
from models.detector import iou
from models.inspection import inspect
from models.torch_detectors import DetectorGraph

Box = tuple[np.ndarray, float, str]

CLASSES = ("scratch", "dent", "hole")
NAMES = [
    "fasterrcnn_mobilenet_v2", "fasterrcnn_mobilenet_v3_large_320_fpn",
    "fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2",
    "fcos_resnet50_fpn", "retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "ssd300_vgg16",
    "ssdlite320_mobilenet_v3_large",
]  # fmt: skip
SHARED = {"fasterrcnn_mobilenet_v3_large_fpn": "fasterrcnn_mobilenet_v3_large_320_fpn"}


def side_of(name: str) -> int:
    """The input's side: small, but the smallest map of SSD needs its own."""
    return 300 if name.startswith("ssd3") else 160


def photo(side: int) -> np.ndarray:
    """A part of a real photo."""
    return np.ascontiguousarray(load_sample_image("china.jpg")[100 : 100 + side, 200 : 200 + side])


def network(name: str) -> torch.nn.Module:
    """A network that finds something: its class layers are louder than an untrained one's."""
    torch.manual_seed(1)
    softmax = name.startswith(("fasterrcnn", "ssd"))
    found = build(f"torchvision:{name}", len(CLASSES)).train()
    side = side_of(name)
    for module in found.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain average of all that is seen
    with torch.no_grad():
        # Without averages of its own an untrained network answers the same everywhere.
        maps = found.backbone(torch.rand(4, 3, side, side))
        if hasattr(found, "head"):
            found.head(list(maps.values()))
    _make_louder(found.eval(), photo(side), 1.5, 0.0 if softmax else -4.0)
    return found


def _make_louder(made: torch.nn.Module, picture: np.ndarray, spread: float, shift: float) -> None:
    """Give the answers of class layers this standard deviation, and few of a sigmoid's are yes."""
    layers = [
        module
        for name, module in made.named_modules()
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)
        and ("cls_score" in name or "cls_logits" in name or "classification_head.module" in name)
        and not name.endswith(".0.0")  # SSDlite's own layer in front of it
    ]
    with torch.no_grad():
        for name, module in made.named_modules():
            last = name.endswith(("bbox_pred", "bbox_reg")) or "regression_head.module" in name
            if last and isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
                # Boxes near their anchors, as a trained network gives them: no slivers.
                module.weight.mul_(0.1)
    for layer in layers:
        torch.nn.init.normal_(layer.weight)
        seen: list[torch.Tensor] = []
        hook = layer.register_forward_hook(
            lambda _module, _inputs, out, seen=seen: seen.append(out)
        )
        with torch.inference_mode():
            made([torch.tensor(picture).permute(2, 0, 1) / 255])
        hook.remove()
        with torch.no_grad():
            layer.weight.mul_(spread / seen[0].std().item())
            if layer.bias is not None:
                layer.bias.fill_(shift)


@pytest.fixture(scope="module", params=NAMES)
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    made = network(request.param)
    path = tmp_path_factory.mktemp("detector") / "net.pth"
    torch.save({"model": made.state_dict(), "epoch": 3}, path)
    return request.param, made, path


def test_recognised_with_the_number_of_classes_in_the_file(detector) -> None:  # type: ignore[no-untyped-def]
    name, made, path = detector
    facts = inspect(path)
    # Two sizes of one network cannot be told apart by their weights.
    assert facts.architecture == f"torchvision:{SHARED.get(name, name)}"
    assert f"torchvision:{name}" in facts.fitting
    assert (facts.task, facts.head, facts.classes) == ("detection", "pairs", len(CLASSES))
    assert facts.mean == pytest.approx(made.transform.image_mean)
    assert facts.std == pytest.approx(made.transform.image_std)
    assert facts.default_layer is not None and facts.default_layer.features > 500
    assert facts.layers and all(layer.name.startswith("backbone.") for layer in facts.layers)


def test_finds_what_torchvision_finds(detector, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    name, made, path = detector
    mean, std, side = (
        tuple(made.transform.image_mean),
        tuple(made.transform.image_std),
        side_of(name),
    )
    recipe = Recipe("pairs", f"torchvision:{name}", mean, std)
    source = OwnFile(hashlib.sha256(path.read_bytes()).hexdigest(), path.suffix, 0)
    card = ModelCard(
        "net", "Net", "detection", "own", "", source, "", (side, side), 512, "", "", recipe, CLASSES
    )
    converted_here(card, path, tmp_path)
    model = own.load(card, path, tmp_path, 0, "f32")
    (output,) = model.infer([model.prepare(photo(side))])
    expected, features = by_torchvision(name, made)
    largest = np.abs(features).max()
    np.testing.assert_allclose(output.features / largest, features / largest, atol=1e-3)
    found = [(np.array(d.box) * side, d.confidence, d.label) for d in output.detections]
    assert len(expected) > 0
    # Both ways: none is lost, and none is there that torchvision does not find. Boxes outside of
    # the picture, which torchvision keeps, have no area in it.
    for some, others in ((expected, found), (found, expected)):
        wide = [each for each in some if (each[0][2:] - each[0][:2]).min() > 1]
        assert [each for each in wide[:100] if not _near(each, others)] == []


def _near(box: Box, others: list[Box]) -> bool:
    corners, score, label = box
    of_class = [each for each in others if each[2] == label and abs(each[1] - score) < 0.01]
    if any(np.abs(each[0] - corners).max() < 0.5 for each in of_class):
        return True
    # Of two boxes that are equally sure and lie over each other, rounding decides which one stays.
    rivals = np.array([each[0] for each in of_class if abs(each[1] - score) < 0.003])
    return bool(len(rivals) and (iou(corners, rivals) > 0.45).any())


def by_torchvision(name: str, made: torch.nn.Module) -> tuple[list[Box], np.ndarray]:
    """Boxes by torchvision's own way, at DATAG's thresholds, and the averages of the maps."""
    side = side_of(name)
    images = torch.tensor(photo(side)).permute(2, 0, 1)[None] / 255
    made.transform.min_size, made.transform.max_size = (side,), side
    made.transform.fixed_size = (side, side)
    made.transform.size_divisible = 1
    place = made.roi_heads if hasattr(made, "roi_heads") else made
    place.score_thresh, place.nms_thresh, place.detections_per_img = 0.25, 0.45, 1000
    if name.startswith("ssd"):
        # An untrained network finds more of a class than torchvision keeps by itself.
        place.topk_candidates = 4000
    with torch.inference_mode():
        (found,) = made(list(images))
        maps = made.backbone(made.transform(list(images))[0].tensors)
    maps = maps if isinstance(maps, dict) else {"0": maps}
    features = torch.cat([m.mean((2, 3)) for m in maps.values()], 1)[0].numpy()
    first = 0 if name.startswith(("retinanet", "fcos")) else 1
    rows = zip(found["boxes"].numpy(), found["scores"].tolist(), found["labels"].tolist(),
               strict=True)  # fmt: skip
    return [(b, s, CLASSES[label - first]) for b, s, label in rows], features


def test_a_chosen_layer_gives_the_features(tmp_path: Path) -> None:
    made = network(NAMES[-1])
    state = dict(made.state_dict())
    graph = DetectorGraph(f"torchvision:{NAMES[-1]}", state, len(CLASSES))
    layer = graph.layers((160, 160))[0]
    converted = graph.graph((160, 160), layer.name)
    assert converted.outputs[1].get_shape() == [1, layer.features]


def test_weights_of_another_number_of_anchors_do_not_fit() -> None:
    state = dict(network(NAMES[0]).state_dict())
    state["rpn.head.cls_logits.weight"] = state["rpn.head.cls_logits.weight"][:5]
    assert state_dict.fitting(state) == []
