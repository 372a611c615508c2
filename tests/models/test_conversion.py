"""Converting in a process of its own: the same graph, and nothing left of what went wrong."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
import torchvision

from models import own, sandbox
from models.card import ModelCard, OwnFile, Recipe
from models.conversion import converted, converted_here
from models.errors import FetchCancelled, UnusableFile

REPOSITORY = Path(__file__).parents[2]
CLASSES = ("good", "scratch")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "net.pth"
    torch.save(torchvision.models.resnet18(num_classes=2).eval().state_dict(), path)
    return path


@pytest.fixture
def card(weights: Path) -> ModelCard:
    source = OwnFile(hashlib.sha256(weights.read_bytes()).hexdigest(), ".pth", 0)
    recipe = Recipe("logits", "torchvision:resnet18")
    return ModelCard(
        "net", "Net", "classification", "own", "", source, "", (64, 64), 512, "", "", recipe,
        CLASSES,
    )  # fmt: skip


def test_both_ways_give_the_same_model(card: ModelCard, weights: Path, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (80, 100, 3), dtype=np.uint8)
    converted_here(card, weights, tmp_path / "here")
    answers = []
    for cache in (tmp_path / "here", tmp_path / "apart"):
        model = own.load(card, weights, cache, 0, "f32")
        answers.append(model.infer([model.prepare(picture)])[0].features)
        assert len(list(cache.glob("*/graph.bin"))) == 1
    np.testing.assert_allclose(*answers, rtol=1e-5, atol=1e-5)


def failure(card: ModelCard, weights: Path, cache: Path) -> str:
    with pytest.raises(UnusableFile) as caught:
        converted(card, weights, cache)
    assert list(cache.iterdir()) == []
    return caught.value.reason


@pytest.mark.parametrize(
    ("does", "reason"), [("exit 3", "crashed"), ("kill -9 $$", "killed"), ("exit 0", "crashed")]
)
def test_a_process_that_dies_says_so_and_leaves_nothing(
    does: str,
    reason: str,
    card: ModelCard,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    assert failure(card, weights, tmp_path / "cache") == reason


def test_weights_that_do_not_fit_say_what_differs(card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save(torchvision.models.resnet18(num_classes=3).state_dict(), path)
    with pytest.raises(UnusableFile, match="does_not_fit") as caught:
        converted(card, path, tmp_path / "cache")
    assert "fc.weight" in str(caught.value.params["detail"])


@pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be limited there")
def test_memory_that_runs_out_says_so(
    card: ModelCard, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Too little for the libraries alone, some of which do not notice and break.
    monkeypatch.setattr(sandbox, "_SPARE_BYTES", 150 << 20)
    monkeypatch.setattr(sandbox, "_COPIES", 0)
    assert failure(card, weights, tmp_path / "cache") in ("too_much_memory", "crashed")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("Exception from src/core:\nstd::bad_alloc"),
        UnusableFile("not_torch", detail="DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_libraries_words_for_no_memory_left(error: Exception) -> None:
    assert sandbox._told(error) == {"reason": "too_much_memory"}


def test_cancelling_ends_the_process_and_leaves_nothing(
    card: ModelCard, weights: Path, tmp_path: Path
) -> None:
    children: list[psutil.Process] = []

    def cancelled() -> bool:
        children.extend(psutil.Process().children())
        return bool(children)

    with pytest.raises(FetchCancelled):
        converted(card, weights, tmp_path / "cache", cancelled)
    assert not any(child.is_running() for child in children)
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_process_ends_when_the_one_that_started_it_is_gone(
    weights: Path, tmp_path: Path
) -> None:
    asked, answer = tmp_path / "request.json", tmp_path / "answer.json"
    request = {"do": "inspect", "path": str(weights), "architecture": None, "memory": 8 << 30}
    asked.write_text(json.dumps(request))
    process = subprocess.Popen(
        [sys.executable, "-m", "models.sandbox", str(asked), str(answer)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=300) == 1
    assert not answer.exists()
