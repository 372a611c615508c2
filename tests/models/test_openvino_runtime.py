"""The runtime on graphs small enough to calculate by hand."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.settings import ROOT
from models.openvino_runtime import (
    Network,
    Normalisation,
    accept_uint8,
    add_pooled_features,
    cached_graph,
)

NORMALISATION = Normalisation(mean=(10.0, 20.0, 30.0), std=(1.0, 2.0, 4.0))


def doubling_graph() -> ov.Model:
    """Doubles an NCHW image of 2 x 4 pixels."""
    images = ops.parameter([1, 3, 2, 4], np.float32, name="images")
    return ov.Model([ops.multiply(images, np.float32(2))], [images])


def test_each_image_gets_its_own_normalised_answer_in_order() -> None:
    network = Network(accept_uint8(doubling_graph(), NORMALISATION), threads=1)
    images = [np.full((2, 4, 3), level, np.uint8) for level in range(50, 90)]
    images[0][0, 0] = (10, 24, 46)
    results = network.run(images)
    assert len(results) == 40
    (first,) = results[0]
    assert (first.shape, first.dtype) == ((3, 2, 4), np.float32)
    np.testing.assert_allclose(first[:, 0, 0], (0, 4, 8))
    for level, (answer,) in zip(range(51, 90), results[1:], strict=True):
        expected = [2 * (level - 10), level - 20, (level - 30) / 2]
        np.testing.assert_allclose(answer[:, 1, 3], expected, rtol=1e-6)


def test_calls_at_once_get_their_own_answers() -> None:
    network = Network(accept_uint8(doubling_graph(), NORMALISATION), threads=1)

    def answers(level: int) -> list[float]:
        results = network.run([np.full((2, 4, 3), level, np.uint8)] * 25)
        return [float(answer[0, 0, 0]) for (answer,) in results]

    with ThreadPoolExecutor(4) as pool:
        for level, found in zip(range(50, 58), pool.map(answers, range(50, 58)), strict=True):
            assert found == [2 * (level - 10)] * 25


_FIRST_IN_MANY_THREADS = """
import sys, threading
import numpy as np
import models.openvino_runtime as runtime
start = threading.Barrier(4)
sys.setswitchinterval(1e-5)
def use() -> None:
    start.wait()
    runtime.ov.Type.u8.to_dtype()
    runtime.ov.Tensor(np.zeros((2, 4, 3), np.uint8), shared_memory=True)
threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def test_the_first_images_of_a_process_may_come_in_several_threads() -> None:
    for _ in range(3):  # each hung where nobody had used the binding before
        found = subprocess.run(
            [sys.executable, "-c", _FIRST_IN_MANY_THREADS],
            capture_output=True, text=True, cwd=ROOT, timeout=300, check=True,
        )  # fmt: skip
        assert found.stdout == "done\n"


def test_no_images_give_no_answers() -> None:
    assert Network(accept_uint8(doubling_graph(), NORMALISATION)).run([]) == []


def test_an_image_of_another_size_is_an_error() -> None:
    network = Network(accept_uint8(doubling_graph(), NORMALISATION))
    with pytest.raises(RuntimeError):
        network.run([np.zeros((5, 5, 3), np.uint8)])


def test_pooled_features_are_the_concatenated_averages() -> None:
    graph = doubling_graph()
    output = graph.get_results()[0].input_value(0)
    pooled = add_pooled_features(graph, [output, output])
    image = np.arange(24, dtype=np.float32).reshape(1, 3, 2, 4)
    result = ov.Core().compile_model(pooled, "CPU")(image)
    # The channels' averages are 3.5, 11.5 and 19.5, doubled by the graph.
    np.testing.assert_allclose(result[1], [[7, 23, 39, 7, 23, 39]])


def test_a_graph_is_converted_once_and_again_only_when_the_cache_is_broken(tmp_path: Path) -> None:
    calls: list[Path] = []

    def write(target: Path) -> None:
        calls.append(target)
        ov.save_model(doubling_graph(), target)

    def outcome() -> list[float]:
        graph = cached_graph(Path("net.pth"), "ab" * 32, tmp_path / "cache", write)
        image = np.ones((1, 3, 2, 4), np.float32)
        return list(ov.Core().compile_model(graph, "CPU")(image)[0].ravel())

    assert outcome() == outcome() == [2.0] * 24
    assert len(calls) == 1
    (folder,) = (tmp_path / "cache").iterdir()
    (folder / "graph.xml").write_text("not a graph")
    assert outcome() == [2.0] * 24
    assert len(calls) == 2
    assert outcome() == [2.0] * 24
    assert len(calls) == 2
    left = tmp_path / "cache" / ".convert-by-a-killed-process"
    left.mkdir()
    os.utime(left, (time.time() - 90_000,) * 2)
    cached_graph(Path("net.pth"), "cd" * 32, tmp_path / "cache", write)
    assert len(calls) == 3
    assert not left.exists()
