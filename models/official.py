"""torchvision's official classifiers, fetched from where PyTorch keeps them.

https://docs.pytorch.org/vision/stable/models.html: all were trained on ImageNet-1k. A file's name
ends with the first eight hexadecimal digits of its sha256.
"""

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import FetchCancelled, ModelError

_BLOCK = 1 << 18
_SECONDS = 30.0  # without a sign of life
CLASSES_FILE = "imagenet1k.txt"


@dataclass(frozen=True)
class OfficialWeights:
    """One file of torchvision's.

    Attributes:
        architecture: torchvision's name of the network.
        file: the file's name.
        megabytes: its size.
        accuracy: share of ImageNet's validation images whose first class is right, in percent.
    """

    name: str
    architecture: str
    file: str
    megabytes: float
    accuracy: float

    @property
    def digest_start(self) -> str:
        """First digits of the file's sha256 in hexadecimal."""
        found = re.search(r"-([0-9a-f]{8})\.pth$", self.file)
        assert found is not None
        return found[1]


_FILES = (
    ("ResNet-18", "resnet18", "resnet18-f37072fd.pth", 44.7, 69.8),
    ("ResNet-50", "resnet50", "resnet50-11ad3fa6.pth", 97.8, 80.9),
    ("EfficientNet-B0", "efficientnet_b0", "efficientnet_b0_rwightman-7f5810bc.pth", 20.5, 77.7),
    ("EfficientNetV2-S", "efficientnet_v2_s", "efficientnet_v2_s-dd5fe13b.pth", 82.7, 84.2),
    ("MobileNetV3-Large", "mobilenet_v3_large", "mobilenet_v3_large-5c1a4163.pth", 21.1, 75.3),
    ("RegNetY-400MF", "regnet_y_400mf", "regnet_y_400mf-e6988f5f.pth", 16.8, 75.8),
    ("DenseNet-121", "densenet121", "densenet121-a639ec97.pth", 30.8, 74.4),
    ("ConvNeXt-Tiny", "convnext_tiny", "convnext_tiny-983f1562.pth", 109.1, 82.5),
    ("Swin-T", "swin_t", "swin_t-704ceda3.pth", 108.2, 81.5),
    ("ViT-B/16", "vit_b_16", "vit_b_16-c867db91.pth", 330.3, 81.1),
)
OFFICIAL = {row[1]: OfficialWeights(*row) for row in _FILES}


class Unreachable(ModelError):
    """The file cannot be fetched; `params`: model, host, url, detail."""

    key = "models.unreachable"
    sentence = (
        "{model} could not be fetched: this machine cannot reach {host} ({detail}). Download {url} "
        "on one that can, and drop the file on this page."
    )


class WrongFile(ModelError):
    """What was fetched is another file; `params`: model, url, got, expected."""

    key = "models.wrong_file"
    sentence = (
        "{url} is not the official file of {model} and was not kept: its sha256 begins with {got}, "
        "not with {expected}."
    )


def fetch_official(
    entry: OfficialWeights,
    base_url: str,
    target: Path,
    limit: int,
    progress: Callable[[int, int | None], None],
    cancelled: Callable[[], bool],
) -> str:
    """Download a file of `base_url` to `target`; its sha256 in hexadecimal.

    Args:
        limit: bytes that it may have.
        progress: called with the bytes so far and those in all, None where nobody says.

    Raises:
        Unreachable: no connection, or the server has no such file.
        WrongFile: it has another sha256, or more than `limit` bytes.
        FetchCancelled: `cancelled` said so.
    """
    url = f"{base_url.rstrip('/')}/{entry.file}"
    parts = urlsplit(url)
    facts = {"model": entry.name, "host": parts.hostname or url, "url": url}
    if parts.scheme not in ("http", "https"):
        raise Unreachable(**facts, detail="not an address of the web")
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer, target.open("wb") as file:  # noqa: S310 - the scheme is checked
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
            done = 0
            while block := answer.read(_BLOCK):
                if cancelled():
                    raise FetchCancelled(model=entry.name)
                done += len(block)
                if done > limit:
                    raise WrongFile(**facts, got="…", expected=entry.digest_start)
                digest.update(block)
                file.write(block)
                progress(done, total)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        detail = str(getattr(error, "reason", error))[:200]
        raise Unreachable(**facts, detail=detail) from None
    found = digest.hexdigest()
    if not found.startswith(entry.digest_start):
        raise WrongFile(**facts, got=found[:8], expected=entry.digest_start)
    return found


def official_classes() -> tuple[str, ...]:
    """ImageNet's classes in the order of the networks' outputs."""
    path = Path(__file__).parent / "classes" / CLASSES_FILE
    return tuple(path.read_text(encoding="utf-8").splitlines())
