"""A network in a mixture of formats: which part is exact, and what OpenVINO makes of it."""

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from models.formats import Precision
from models.mixture import mixed
from models.openvino_runtime import Network, chip_has

# What each convolution of the graph gives, and the one whose output is added to its own.
CHANNELS = [16, 16, 32, 16, 16, 32]
SHORTCUTS = {3: 1}
#: The first ones stay exact, and the fifth: it is beside no shortcut and does not widen.
FORMATS = ["f32", "f32", "bf16", "bf16", "f32", "bf16"]


def residual() -> ov.Model:
    """Convolutions of 3 x 3, each with a bias and ReLU6, one shortcut, and each map's average."""
    rng = np.random.default_rng(0)
    image = ops.parameter([1, 32, 32, 3], np.uint8, "images")
    scaled = ops.divide(ops.convert(image, "f32"), np.float32(255))
    node = ops.transpose(scaled, np.array([0, 3, 1, 2]))
    nodes = []
    for index, wide in enumerate(CHANNELS):
        channels = node.get_output_shape(0)[1]
        spread = (2 / channels / 9) ** 0.5
        weights = rng.normal(0, spread, (wide, channels, 3, 3)).astype(np.float32)
        node = ops.convolution(node, weights, [1, 1], [1, 1], [1, 1], [1, 1])
        node.set_friendly_name(f"convolution {index}")
        node = ops.clamp(ops.add(node, np.full((1, wide, 1, 1), 0.1, np.float32)), 0, 6)
        if index in SHORTCUTS:
            node = ops.add(node, nodes[SHORTCUTS[index]])
        nodes.append(node)
    return ov.Model([ops.result(ops.reduce_mean(node, np.array([2, 3])))], [image])


def kernels(graph: ov.Model) -> list[str]:
    """What OpenVINO runs each convolution by, in their order."""
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "bf16"})
    found = {}
    for node in compiled.get_runtime_model().get_ordered_ops():
        info = node.get_rt_info()
        if str(info["layerType"].value) == "Convolution":
            found[node.get_friendly_name()] = str(info["runtimePrecision"].value)
    return [found[name] for name in sorted(found)]


def test_the_graph_stays_the_same_but_for_marks() -> None:
    graph = residual()
    again = mixed(graph)
    ours = [(op.get_type_name(), op.get_friendly_name()) for op in graph.get_ordered_ops()]
    assert [(op.get_type_name(), op.get_friendly_name()) for op in again.get_ordered_ops()] == ours


@pytest.mark.skipif(not chip_has("bf16"), reason="this processor has no bf16")
def test_what_is_spoilt_most_stays_exact() -> None:
    assert kernels(mixed(residual())) == FORMATS
    assert kernels(residual()) == ["bf16"] * len(CHANNELS)


@pytest.mark.skipif(not chip_has("bf16"), reason="this processor has no bf16")
def test_it_lies_between_both_formats() -> None:
    images = list(np.random.default_rng(1).integers(0, 256, (4, 32, 32, 3), np.uint8))
    answers: dict[Precision, np.ndarray] = {}
    for precision in ("f32", "mixed", "bf16"):
        answers[precision] = np.stack(
            [out[0] for out in Network(residual(), 1, precision).run(images)]
        )
    errors = [np.abs(answers[p] - answers["f32"]).mean() for p in ("mixed", "bf16")]
    assert 0 < errors[0] < errors[1]
