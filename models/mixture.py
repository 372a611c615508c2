"""Networks in bf16 whose first convolutions, which it would spoil, stay in f32.

The rounding of the first layers goes through all that follow, and they sum up few numbers, so
that it does not average out. docs/benchmarks.md has the figures of each layer.
"""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import openvino as ov

#: So many of a network's convolutions, the first ones, stay in f32.
EXACT_SHARE = 0.6
_CONVOLUTIONS = ("Convolution", "GroupConvolution")
# What OpenVINO runs as one with the convolution before it. Marked alone that does not compile.
_FUSED = ("Add", "Clamp")


def mixed(graph: ov.Model) -> ov.Model:
    """`graph`, to be compiled for bf16, with its first convolutions marked to stay in f32.

    OpenVINO reads the mark from a graph's file alone (`ov::DisablePrecisionConversion`), so the
    graph goes through one.
    """
    found = [op for op in graph.get_ordered_ops() if op.get_type_name() in _CONVOLUTIONS]
    exact = found[: round(EXACT_SHARE * len(found))]
    names = {op.get_friendly_name() for start in exact for op in _fused(start)}
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
