"""The script that people write, in a process of its own: files in, features in numpy out.

Pillow decodes each file whole, torchvision transforms it, torch runs the network in float32 in
batches of 32 with as many threads as it takes by itself. Nothing is stored.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.answering import Answering

BATCH = 32


def plain_script(model_key: str, weights: Path, device: str) -> Answering:
    """The script's process with its network loaded, waiting for lists of files.

    Its answers are `seconds` and the shape of the `features`; `about` holds torch's `threads`.
    """
    module = [sys.executable, "-m", "benchmarks.plain_script"]
    return Answering([*module, model_key, str(weights), device])


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
