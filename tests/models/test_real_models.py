"""The six models with their real weights on real photos."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.adapter import Box, Detection, VisionModel
from models.catalogue import CATALOGUE, card
from models.detector import iou
from models.registry import load
from tests.models.conftest import Photos

pytestmark = pytest.mark.weights

REPOSITORY = Path(__file__).parents[2]
CLASSIFIERS = [key for key, entry in CATALOGUE.items() if entry.task == "classification"]
DETECTORS = [key for key, entry in CATALOGUE.items() if entry.task == "detection"]
LARGE_VEHICLES = {"minibus", "trolleybus", "school bus", "passenger car", "streetcar"}


@pytest.fixture(scope="module")
def loaded(weights_dir: Path, download_cache: Path) -> dict[str, VisionModel]:
    return {
        key: load(key, weights_dir, download_cache / "graphs", precision="f32") for key in CATALOGUE
    }


def overlap(a: Box, b: Box) -> float:
    return float(iou(np.array(a, np.float32), np.array([b], np.float32))[0])


def of_class(detections: tuple[Detection, ...], label: str) -> list[Detection]:
    return [item for item in detections if item.label == label]


@pytest.mark.parametrize("key", CATALOGUE)
def test_outputs_have_the_cards_shape_and_keep_their_order(
    key: str, loaded: dict[str, VisionModel], photos: Photos
) -> None:
    model = loaded[key]
    prepared = [model.prepare(photos[name]) for name in ("bus", "zidane", "bus")]
    outputs = model.infer(prepared)
    for output in outputs:
        assert output.features.shape == (model.card.feature_size,)
        assert output.features.dtype == np.float32
        assert np.isfinite(output.features).all()
        assert output.features.std() > 0
        assert output.label in model.card.classes
    np.testing.assert_array_equal(outputs[0].features, outputs[2].features)
    alone = model.infer([prepared[1]])[0]
    np.testing.assert_array_equal(outputs[1].features, alone.features)
    assert not np.allclose(outputs[0].features, outputs[1].features)
    assert model.device.startswith("OpenVINO CPU")


@pytest.mark.parametrize("key", CATALOGUE)
@pytest.mark.parametrize("size", [(1, 1), (30000, 200)])
def test_images_of_any_size_go_through(
    key: str, size: tuple[int, int], loaded: dict[str, VisionModel]
) -> None:
    model = loaded[key]
    (output,) = model.infer([model.prepare(Image.new("RGB", size, "red"))])
    assert output.features.shape == (model.card.feature_size,)
    assert model.infer([]) == []


@pytest.mark.parametrize("key", CLASSIFIERS)
def test_classifiers_see_the_bus(key: str, loaded: dict[str, VisionModel], photos: Photos) -> None:
    model = loaded[key]
    (output,) = model.infer([model.prepare(photos["bus"])])
    assert output.label in LARGE_VEHICLES
    assert output.confidence is not None
    assert 0.3 < output.confidence <= 1
    assert output.detections == ()


def plain_torch(key: str, weights_dir: Path) -> tuple[torch.nn.Module, torch.nn.Module, float]:
    """The library's own network, its last layer, and whether its input is scaled to [-1, 1]."""
    state = torch.load(weights_dir / f"{key}.pth", weights_only=True)
    if key == "mobilenet_v2":
        network = torchvision.models.mobilenet_v2()
        network.load_state_dict(state)
        return network, network.classifier, False
    network = timm.create_model(f"tf_{key}", pretrained=False)
    network.load_state_dict(dict(zip(network.state_dict(), state.values(), strict=True)))
    return network, network.classifier, True


@pytest.mark.parametrize("key", CLASSIFIERS)
def test_features_and_probabilities_equal_plain_torch(
    key: str, loaded: dict[str, VisionModel], weights_dir: Path, photos: Photos
) -> None:
    model = loaded[key]
    prepared = [model.prepare(photos[name]) for name in ("bus", "zidane")]
    network, last_layer, half = plain_torch(key, weights_dir)
    seen: list[NDArray[np.float32]] = []
    last_layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].numpy()))
    mean, std = ([0.5] * 3, [0.5] * 3) if half else ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    images = torch.stack(
        [
            torchvision.transforms.functional.normalize(
                torch.tensor(item.pixels).permute(2, 0, 1) / 255, mean, std
            )
            for item in prepared
        ]
    )
    with torch.inference_mode():
        probabilities = network.eval()(images).softmax(1)
    for index, output in enumerate(model.infer(prepared)):
        np.testing.assert_allclose(output.features, seen[0][index], rtol=1e-3, atol=1e-3)
        best = int(probabilities[index].argmax())
        assert output.label == model.card.classes[best]
        assert output.confidence == pytest.approx(float(probabilities[index, best]), abs=1e-4)


@pytest.mark.parametrize("key", DETECTORS)
def test_detectors_find_people_and_the_bus(
    key: str, loaded: dict[str, VisionModel], photos: Photos
) -> None:
    model = loaded[key]
    bus, zidane = model.infer([model.prepare(photos[name]) for name in ("bus", "zidane")])
    counts = Counter(item.label for item in bus.detections)
    assert counts["bus"] == 1
    assert counts["person"] >= 3
    assert set(counts) <= {"bus", "person"}
    assert (bus.label, bus.confidence) == (bus.detections[0].label, bus.detections[0].confidence)
    confidences = [item.confidence for item in bus.detections]
    assert confidences == sorted(confidences, reverse=True)
    assert Counter(item.label for item in zidane.detections)["person"] >= 2
    assert of_class(zidane.detections, "tie")


def test_detectors_agree_on_the_bus(loaded: dict[str, VisionModel], photos: Photos) -> None:
    boxes = [
        of_class(loaded[key].infer([loaded[key].prepare(photos["bus"])])[0].detections, "bus")[
            0
        ].box
        for key in DETECTORS
    ]
    for box in boxes[1:]:
        assert overlap(boxes[0], box) >= 0.8


@pytest.mark.parametrize("key", DETECTORS)
def test_boxes_follow_the_image(key: str, loaded: dict[str, VisionModel], photos: Photos) -> None:
    model, photo = loaded[key], photos["bus"]
    beside = Image.new("RGB", (2 * photo.width, photo.height), "grey")
    beside.paste(photo, (photo.width, 0))
    scenes = (photo, ImageOps.mirror(photo), beside)
    outputs = model.infer([model.prepare(scene) for scene in scenes])
    (x0, y0, x1, y1), mirrored, moved = (
        of_class(output.detections, "bus")[0].box for output in outputs
    )
    assert overlap(mirrored, (1 - x1, y0, 1 - x0, y1)) >= 0.85
    assert overlap(moved, (0.5 + x0 / 2, y0, 0.5 + x1 / 2, y1)) >= 0.85


def test_loading_never_imports_torch(
    loaded: dict[str, VisionModel], weights_dir: Path, download_cache: Path, tmp_path: Path
) -> None:
    """Neither where the graphs are there already, nor where one has to be converted first."""
    places = [(key, download_cache / "graphs") for key in CATALOGUE] + [("mobilenet_v2", tmp_path)]
    script = (
        "import sys; from pathlib import Path; from models.registry import load\n"
        f"for key, cache in {[(key, str(cache)) for key, cache in places]}:\n"
        f"    load(key, Path({str(weights_dir)!r}), Path(cache), precision='f32')\n"
        "print('torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


def test_the_fetched_files_are_the_official_ones(weights_dir: Path) -> None:
    names = {key: Path(card(key).source.member).stem for key in CLASSIFIERS}
    for key in ("mobilenet_v2", "efficientnet_lite2"):
        assert card(key).source.sha256.startswith(names[key].rpartition("-")[2])
