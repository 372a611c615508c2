"""What has to be said of a model that somebody brought, checked before anything runs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import UserError
from core.models.tables import UserModel
from models.card import Colours, Head, ModelCard, OwnFile, Recipe, Resize, Task

MIN_SIDE, MAX_SIDE = 16, 2048  # pixels
MAX_CLASSES = 100_000
_MAX_NAME = 200


@dataclass(frozen=True)
class OwnSettings:
    """How a model is run.

    Attributes:
        classes: names in the order of the outputs.
        size: height and width of the input in pixels.
        mean: of each channel, on a scale from 0 to 1.
        std: likewise, above 0.
        layer: that gives the features; None: what enters the output layer.
    """

    task: Task
    head: Head
    classes: tuple[str, ...]
    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize: Resize
    colours: Colours = "rgb"
    layer: str | None = None
    architecture: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain lists and texts, the same after a way through JSON."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found


def from_json(stored: dict[str, Any]) -> OwnSettings:
    """Inverse of `OwnSettings.to_json`."""
    lists = {name: tuple(stored[name]) for name in ("classes", "size", "mean", "std")}
    return OwnSettings(**{**stored, **lists})


def parse_classes(text: str) -> tuple[str, ...]:
    """Class names from pasted text or a file's: one a line, or one line with commas."""
    lines = [line.strip() for line in text.replace("\ufeff", "").splitlines()]
    if len(lines := [line for line in lines if line]) == 1 and "," in lines[0]:
        lines = [part.strip() for part in lines[0].split(",")]
    return tuple(line for line in lines if line)


def numbered_classes(count: int, word: str) -> tuple[str, ...]:
    """Names for classes that nobody has named: "class 0", "class 1", …"""
    return tuple(f"{word} {index}" for index in range(count))


def check(settings: OwnSettings, facts: dict[str, Any]) -> OwnSettings:
    """The settings, fit to be run.

    Raises:
        UserError: which of them is not, and what would be.
    """
    wanted = facts.get("classes")
    _check_classes(settings.classes, wanted)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in settings.size):
        raise UserError("own_models.wrong_size", low=MIN_SIDE, high=MAX_SIDE)
    if not all(value > 0 for value in settings.std):
        raise UserError("own_models.wrong_std")
    names = {layer["name"] for layer in facts["layers"]}
    if settings.layer is not None and settings.layer not in names:
        return replace(settings, layer=None)
    return settings


def _check_classes(classes: Sequence[str], wanted: int | None) -> None:
    if not classes or len(classes) > MAX_CLASSES:
        raise UserError("own_models.no_classes")
    if wanted is not None and len(classes) != wanted:
        raise UserError("own_models.class_count", n=len(classes), wanted=wanted)
    seen: set[str] = set()
    for name in classes:
        if name in seen:
            raise UserError("own_models.class_twice", name=name)
        if len(name) > _MAX_NAME:
            raise UserError("own_models.class_long", limit=_MAX_NAME)
        seen.add(name)


def card_of(model: UserModel, settings: OwnSettings, feature_size: int = 0) -> ModelCard:
    """The catalogue entry of a model that somebody brought."""
    return ModelCard(
        key=model.key or f"draft-{model.id}",
        name=model.name,
        task=settings.task,
        family="own",
        licence="",
        source=OwnFile(model.sha256, model.suffix, model.byte_size),
        classes_file="",
        input_size=settings.size,
        feature_size=feature_size,
        description="own_models.description",
        homepage="",
        recipe=Recipe(
            settings.head,
            settings.architecture,
            settings.mean,
            settings.std,
            settings.resize,
            settings.colours,
            settings.layer,
        ),
        own_classes=settings.classes,
    )
