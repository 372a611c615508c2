"""LightlyStudio as a peer, in an environment and a process of its own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.answering import Answering

_PYTHON = "DATAG_BENCHMARK_LIGHTLY"


def installed() -> bool:
    """Whether `DATAG_BENCHMARK_LIGHTLY` names a Python that has it."""
    return bool(os.environ.get(_PYTHON))


@contextmanager
def lightly_studio(network: tuple[Path, int, int] | None = None) -> Iterator[Answering]:
    """LightlyStudio, loaded: asked for a folder's name it adds its images to an empty data set and
    answers with the `seconds` that this took.

    Args:
        network: a file of torch.export whose first output are features, (N, 3, height, width) to
            (N, d), with height and width of its input; None: no embeddings.
    """
    script = Path(__file__).with_name("lightly_script.py")
    with tempfile.TemporaryDirectory() as scratch:
        command = [os.environ[_PYTHON], str(script), scratch, *map(str, network or ())]
        # It reports home otherwise, and waits for the answer.
        with Answering(command, {"LIGHTLY_STUDIO_ANALYTICS_ENABLED": "false"}) as peer:
            yield peer
