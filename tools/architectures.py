"""`python -m tools.architectures` writes models/architectures.txt for the installed libraries.

Run it after a new version of torchvision or timm. Building every network takes some minutes.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial

import timm
import torch
from torchvision import models

from core.settings import ROOT
from models.architectures import build, is_detector, signature


def makers() -> Iterator[tuple[str, Callable[[], torch.nn.Module]]]:
    """Every image classifier of both libraries and torchvision's detectors of boxes, as makers."""
    for name in models.list_models(module=models):
        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        yield f"torchvision:{name}", partial(models.get_model, name, weights=None, **options)
    for name in models.list_models(module=models.detection):
        if is_detector(f"torchvision:{name}"):
            options = {"weights": None, "weights_backbone": None}
            yield f"torchvision:{name}", partial(models.get_model, name, **options)
    own = "torchvision:fasterrcnn_mobilenet_v2"
    yield own, partial(build, own, 1)
    for name in timm.list_models():
        yield f"timm:{name}", partial(timm.create_model, name, pretrained=False)


def tensor_names(make: Callable[[], torch.nn.Module]) -> list[str]:
    """The names of a network's tensors, without memory for them where it can be built so."""
    try:
        with torch.device("meta"):
            return list(make().state_dict())
    except (NotImplementedError, RuntimeError):
        return list(make().state_dict())


def main() -> None:
    """Write the list."""
    warnings.simplefilter("ignore")
    lines = []
    for name, make in makers():
        try:
            lines.append(f"{name} {signature(tensor_names(make))}")
        except (RuntimeError, TypeError, ValueError) as error:
            print(f"left out {name}: {error}", flush=True)
    target = ROOT / "models" / "architectures.txt"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} architectures in {target.name}")


if __name__ == "__main__":
    main()
