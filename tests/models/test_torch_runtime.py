"""The runtime for graphics cards, run on torch's CPU device, which takes the same path."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models import registry, torch_runtime
from models.catalogue import card
from models.efficientnet_lite import load_in_torch
from models.errors import NoGraphicsCard
from models.openvino_runtime import Normalisation
from models.precision import sample_crops
from models.registry import load
from models.torch_runtime import TorchNetwork, cuda_available

NORMALISATION = Normalisation(mean=(10.0, 20.0, 30.0), std=(1.0, 2.0, 4.0))


class Doubling(torch.nn.Module):
    """Gives the doubled input and its averages; has memory for so many images at once."""

    def __init__(self, room: int = 1000) -> None:
        super().__init__()
        self.room = room
        self.batches: list[int] = []

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.batches.append(len(images))
        assert images.is_contiguous(memory_format=torch.channels_last)
        if len(images) > self.room:
            raise torch.OutOfMemoryError
        return images * 2, images.mean((2, 3))


def levels(*values: int) -> list[NDArray[np.uint8]]:
    return [np.full((2, 4, 3), value, np.uint8) for value in values]


def test_each_image_gets_its_own_normalised_answer_in_order() -> None:
    network = TorchNetwork(Doubling(), NORMALISATION, "cpu")
    images = levels(*range(50, 90))
    images[0][0, 0] = (10, 24, 46)
    results = network.run(images)
    assert len(results) == 40
    doubled, averages = results[0]
    assert (doubled.shape, doubled.dtype, averages.shape) == ((3, 2, 4), np.float32, (3,))
    np.testing.assert_allclose(doubled[:, 0, 0], (0, 4, 8))
    for level, (_answer, means) in zip(range(51, 90), results[1:], strict=True):
        np.testing.assert_allclose(means, [level - 10, (level - 20) / 2, (level - 30) / 4])
    assert network.device == "PyTorch CPU f32"
    assert network.run([]) == []


def test_channels_are_reversed_before_they_are_normalised() -> None:
    network = TorchNetwork(Doubling(), NORMALISATION, "cpu", reverse=True)
    image = np.zeros((2, 4, 3), np.uint8)
    image[:] = (30, 20, 10)  # blue is 10, which comes first
    ((_doubled, averages),) = network.run([image])
    np.testing.assert_allclose(averages, (0, 0, 0))


def test_a_batch_too_large_for_the_memory_is_halved_until_it_fits() -> None:
    module = Doubling(room=7)
    network = TorchNetwork(module, NORMALISATION, "cpu")
    results = network.run(levels(*range(50, 80)))
    np.testing.assert_allclose([means[0] for _, means in results], np.arange(40, 70))
    assert module.batches == [30, 15, 7, 7, 7, 7, 2]
    network.run(levels(*range(10)))
    assert module.batches[7:] == [7, 3]


def test_one_image_that_is_too_much_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        TorchNetwork(Doubling(room=0), NORMALISATION, "cpu").run(levels(1, 2))


def test_a_real_model_says_the_same_as_in_openvino(weights_dir: Path, tmp_path: Path) -> None:
    there = card("efficientnet_lite0")
    weights = weights_dir / "efficientnet_lite0.pth"
    in_torch = load_in_torch(there, weights, "cpu", "f32")
    exact = load(there.key, weights_dir, tmp_path, precision="f32", device="cpu")
    prepared = [exact.prepare(crop) for crop in sample_crops(6)]
    for mine, theirs in zip(in_torch.infer(prepared), exact.infer(prepared), strict=True):
        assert mine.label == theirs.label
        np.testing.assert_allclose(mine.features, theirs.features, rtol=1e-3, atol=1e-3)
    coarse = load_in_torch(there, weights, "cpu", "bf16")
    assert coarse.device == "PyTorch CPU bf16"
    assert coarse.infer(prepared[:1])[0].features.dtype == np.float32


@pytest.mark.parametrize(
    ("model", "device", "there", "runs_on"),
    [
        ("efficientnet_lite0", "auto", True, "cuda"),
        ("efficientnet_lite0", "auto", False, "cpu"),
        ("efficientnet_lite0", "cuda", True, "cuda"),
        ("efficientnet_lite0", "cpu", True, "cpu"),
        ("yolo11n", "cuda", True, "cpu"),
    ],
)
def test_the_device_is_chosen_by_setting_machine_and_model(
    model: str, device: str, there: bool, runs_on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "cuda_available", lambda: there)
    monkeypatch.setattr(registry, "require", lambda _card, _folder: Path("weights"))
    loaded: list[str] = []
    family = f"models.{card(model).family}"
    monkeypatch.setattr(f"{family}.load", lambda *_rest: loaded.append("cpu"))
    if model != "yolo11n":
        monkeypatch.setattr(f"{family}.load_in_torch", lambda *rest: loaded.append(rest[2]))
    load(model, Path(), Path(), precision="f32", device=device)  # type: ignore[arg-type]
    assert loaded == [runs_on]


def test_a_graphics_card_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, weights_dir: Path
) -> None:
    monkeypatch.setattr(registry, "cuda_available", lambda: False)
    with pytest.raises(NoGraphicsCard, match="DATAG_DEVICE"):
        load("mobilenet_v2", weights_dir, Path(), device="cuda")


def test_without_a_driver_torch_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise OSError

    monkeypatch.setattr(torch_runtime.ctypes, "CDLL", missing)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("torch was asked"))
    assert not cuda_available()
