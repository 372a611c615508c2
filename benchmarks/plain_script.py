"""The script that people write, in a process of its own: files in, features in numpy out.

Pillow decodes each file whole, torchvision transforms it, torch runs the network in float32 in
batches of 32 with as many threads as it takes by itself. Nothing is stored.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

BATCH = 32


class PlainScript:
    """A context: the script's process with its network loaded, waiting for files."""

    def __init__(self, model_key: str, weights: Path, device: str) -> None:
        self._arguments = [model_key, str(weights), device]

    def __enter__(self) -> "PlainScript":
        command = [sys.executable, "-m", "benchmarks.plain_script", *self._arguments]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        #: What the script says of itself: torch's threads.
        self.about = self._answer()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def seconds(self, files: Sequence[Path]) -> float:
        """How long the script takes for these files."""
        assert self._process.stdin is not None
        print(json.dumps([str(file) for file in files]), file=self._process.stdin, flush=True)
        answer = self._answer()
        if answer["features"][0] != len(files):
            raise RuntimeError(f"the script gave features of {answer['features']}")
        return float(answer["seconds"])

    def _answer(self) -> dict[str, list[int]]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the plain script has ended")
        answer: dict[str, list[int]] = json.loads(line)
        return answer


def main() -> None:
    """Load the network, then answer each line, a list of files, with the seconds it took."""
    import numpy as np
    import PIL.Image
    import torch
    from torchvision.transforms import v2

    from models.catalogue import card
    from models.efficientnet_lite import build

    model_key, weights, device = sys.argv[1:]
    network = build(card(model_key), Path(weights)).to(device)
    height, width = card(model_key).input_size
    transform = v2.Compose(
        [
            v2.Resize((height, width)),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )

    @torch.inference_mode()
    def features(files: list[str]) -> np.ndarray:
        found = []
        for start in range(0, len(files), BATCH):
            images = [
                transform(PIL.Image.open(file).convert("RGB"))
                for file in files[start : start + BATCH]
            ]
            found.append(network(torch.stack(images).to(device))[0].cpu().numpy())
        return np.concatenate(found)

    with torch.inference_mode():
        network(torch.zeros(BATCH, 3, height, width, device=device))  # what the first call sets up
    print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        files = json.loads(line)
        began = time.perf_counter()
        shape = features(files).shape
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "features": shape}), flush=True)


if __name__ == "__main__":
    main()
