"""Networks on the CPU through OpenVINO."""

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops
from openvino.preprocess import PrePostProcessor

from models.formats import Precision
from models.mixture import mixed
from models.staging import staging

# OpenVINO's binding fills its table of number types at the first use of one, and lets go of the
# interpreter while it does. Two threads that come first at once wait for each other for ever. So
# one is first here, where importing lets only one thread in.
ov.Tensor(np.zeros(1, np.uint8), shared_memory=True).get_element_type().to_dtype()

# Part of the cached graphs' name: raise it when a conversion changes its outputs.
_CONVERSION = 1
_STAGING_PREFIX = ".convert-"


@dataclass(frozen=True)
class Normalisation:
    """Per-channel mean and standard deviation of the input, on the scale of uint8 pixels."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class Network:
    """A compiled graph for one uint8 image of (height, width, 3) a request.

    Every image is a request of its own and several run at once: on CPUs this was as fast as
    batches for classifiers, faster for detectors, and it serves graphs whose batch size is fixed.
    """

    def __init__(self, model: ov.Model, threads: int = 0, precision: Precision = "f32") -> None:
        """Compile `model`; `threads` bounds the CPU threads, 0 takes all."""
        self.device = f"OpenVINO CPU {precision}"
        config: dict[str, object] = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "INFERENCE_PRECISION_HINT": "f32" if precision == "f32" else "bf16",
        }
        if threads:
            config["INFERENCE_NUM_THREADS"] = threads
        if precision == "mixed":
            model = mixed(model)
        self._compiled = ov.Core().compile_model(model, "CPU", config)
        streams = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        # A second request for each stream waits at its door, so that none stands still between two.
        self._pool = ThreadPoolExecutor(2 * streams, thread_name_prefix="infer")
        self._local = threading.local()

    def run(self, images: Sequence[NDArray[np.uint8]]) -> list[list[NDArray[np.float32]]]:
        """For each image the graph's outputs, as float32 arrays without the batch axis.

        May be called in several threads at once.

        Raises:
            RuntimeError: an image has another size than the graph's input.
        """
        return list(self._pool.map(self._one, images))

    def _one(self, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        request: ov.InferRequest | None = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._compiled.create_infer_request()
        request.infer({0: pixels[np.newaxis]}, share_inputs=True)
        return [np.array(tensor.data[0], np.float32) for tensor in request.output_tensors]


def chip_has(precision: Precision) -> bool:
    """Whether this CPU calculates in `precision` by instructions of its own."""
    return precision.upper().replace("F32", "FP32") in ov.Core().get_property(
        "CPU", "OPTIMIZATION_CAPABILITIES"
    )


def accept_uint8(
    model: ov.Model, normalisation: Normalisation, layout: str = "NCHW", reverse: bool = False
) -> ov.Model:
    """Put layout and normalisation into the graph: float input becomes uint8 NHWC.

    Args:
        layout: of the graph's input, NCHW or NHWC.
        reverse: whether the graph wants blue before green before red; `normalisation` is then in
            that order too.
    """
    processor = PrePostProcessor(model)
    tensor = processor.input()
    tensor.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    tensor.model().set_layout(ov.Layout(layout))
    steps = tensor.preprocess().convert_element_type(ov.Type.f32)
    if reverse:
        steps.reverse_channels()
    steps.mean(list(normalisation.mean)).scale(list(normalisation.std))
    return processor.build()


def add_pooled_features(model: ov.Model, maps: Sequence[ov.Output]) -> ov.Model:
    """A model with one more output, the last: the global averages of NCHW `maps`, concatenated."""
    pooled = [ops.reduce_mean(item, np.array([2, 3])) for item in maps]
    features = ops.result(ops.concat(pooled, axis=1))
    return ov.Model([*model.get_results(), features], model.get_parameters())


def cached_graph(
    weights: Path, sha256: str, cache_dir: Path, write: Callable[[Path], None]
) -> ov.Model:
    """The graph of `weights`, written by `write` at the first call and read from `cache_dir`.

    The cache is keyed by the weights' sha256 and OpenVINO's version, and a graph appears in it
    whole or not at all. One that cannot be read is written anew.
    """
    version = ov.get_version().split("-")[0]
    folder = cache_dir / f"{weights.stem}-{sha256[:16]}-openvino{version}-{_CONVERSION}"
    graph = folder / "graph.xml"
    if graph.exists():
        try:
            return ov.Core().read_model(graph)
        except RuntimeError:
            shutil.rmtree(folder, ignore_errors=True)
    with staging(cache_dir, _STAGING_PREFIX) as place:
        staged = place / "graph"
        staged.mkdir()
        write(staged / graph.name)
        try:
            staged.rename(folder)
        except OSError:
            # Another process was faster; a full disk has already shown itself in writing.
            if not graph.exists():
                raise
    return ov.Core().read_model(graph)
