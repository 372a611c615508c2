"""Networks in bf16 whose convolutions that it would spoil stay in f32.

The rounding of the first layers goes through all that follow, and they sum up few numbers, so
that it does not average out. Further on it matters where the result goes: beside a shortcut it is
added to what bypasses it, and is small against it; where there is none it is all that is left.
docs/benchmarks.md has the figures of each layer.
"""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import openvino as ov

#: So many of a network's convolutions, the first ones, stay in f32.
EXACT_SHARE = 0.375
_CONVOLUTIONS = ("Convolution", "GroupConvolution")
# What OpenVINO runs as one with the convolution before it. Marked alone that does not compile.
_FUSED = ("Add", "Clamp")


def mixed(graph: ov.Model) -> ov.Model:
    """`graph`, to be compiled for bf16, with the convolutions marked that are to stay in f32.

    These are the first ones, and of the later ones those that are on no branch beside a shortcut
    and give no more channels than they get.

    OpenVINO reads the mark from a graph's file alone (`ov::DisablePrecisionConversion`), so the
    graph goes through one.
    """
    names = {op.get_friendly_name() for start in _exact(graph) for op in _fused(start)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.xml"
        ov.save_model(graph, path, compress_to_fp16=False)
        tree = ET.parse(path)  # noqa: S314 - OpenVINO wrote it a moment ago
        for layer in tree.iterfind("layers/layer"):
            if layer.get("name") in names:
                _mark(layer)
        tree.write(path)
        core = ov.Core()
        # The files go with the folder.
        core.set_property({"ENABLE_MMAP": False})
        return core.read_model(path)


def _exact(graph: ov.Model) -> Iterator[ov.Node]:
    """The convolutions that stay in f32."""
    ordered = graph.get_ordered_ops()
    found = [op for op in ordered if op.get_type_name() in _CONVOLUTIONS]
    beside = {name for op in ordered for name in _beside_shortcut(op)}
    for index, op in enumerate(found):
        first = index < round(EXACT_SHARE * len(found))
        if first or not (op.get_friendly_name() in beside or _widens(op)):
            yield op


def _widens(convolution: ov.Node) -> bool:
    """Whether there are more channels behind it than before."""
    before, behind = convolution.input(0).get_shape(), convolution.output(0).get_shape()
    return bool(behind[1] > before[1])


def _beside_shortcut(op: ov.Node) -> Iterator[str]:
    """Names of the convolutions between `op`, where it adds a branch to its own start, and that."""
    if op.get_type_name() != "Add":
        return
    ends = [port.get_source_output().get_node() for port in op.inputs()]
    for start, branch in (ends, ends[::-1]):
        names, node = [], branch
        while node.get_friendly_name() != start.get_friendly_name():
            if node.get_type_name() in _CONVOLUTIONS:
                names.append(node.get_friendly_name())
            if not node.inputs() or len(node.output(0).get_target_inputs()) != 1:
                names = []
                break
            node = node.input(0).get_source_output().get_node()
        yield from names


def _fused(convolution: ov.Node) -> Iterator[ov.Node]:
    """A convolution and the operations that run as one with it."""
    yield convolution
    node = convolution
    while True:
        users = [port.get_node() for port in node.output(0).get_target_inputs()]
        if len(users) != 1 or users[0].get_type_name() not in _FUSED:
            return
        node = users[0]
        yield node


def _mark(layer: ET.Element) -> None:
    info = layer.find("rt_info")
    if info is None:
        info = ET.Element("rt_info")
        layer.insert(0 if layer.find("data") is None else 1, info)
    attribute = {"name": "DisablePrecisionConversion", "version": "0", "value": "dynamic:f16"}
    ET.SubElement(info, "attribute", attribute)
