"""Boxes as YOLO keeps them: a text file an image, a line an object, the classes elsewhere.

https://docs.ultralytics.com/datasets/detect/: class number, centre, width and height as shares of
the picture; a segment's outline instead of centre and size becomes the box around it.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from core.imports.facts import (
    BoxFact,
    Fact,
    NotUnderstood,
    Problem,
    Reading,
    Sidecar,
    other_forms,
    text_of,
)
from core.imports.shapes import Corners, around

_CLASS_LISTS = ("classes.txt", "obj.names", "labels.txt", "predefined_classes.txt")
_MOST_CLASSES = 100_000


@dataclass(frozen=True)
class ClassList:
    """The classes of a data set.

    Attributes:
        names: by number.
        keypoints: whether a line's box is followed by key points, which look like an outline.
    """

    names: dict[int, str] = field(default_factory=dict)
    keypoints: bool = False


def is_class_list(sidecar: Sidecar) -> bool:
    """Whether a file lists classes: one of the usual names, or YAML."""
    name = sidecar.path.rpartition("/")[2].lower()
    return name in _CLASS_LISTS or sidecar.ending in (".yaml", ".yml", ".names")


def read_class_list(sidecar: Sidecar) -> ClassList:
    """Class names: one a line, or the `names` of a YAML file.

    Raises:
        NotUnderstood: it is neither.
    """
    text = text_of(sidecar)
    if sidecar.ending not in (".yaml", ".yml"):
        lines = [line.strip() for line in text.splitlines()]
        return ClassList({number: line for number, line in enumerate(lines) if line})
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        detail = str(error).splitlines()[0][:200]
        raise NotUnderstood("imports.refused.no_yaml", detail=detail) from None
    names = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or len(names) > _MOST_CLASSES:
        raise NotUnderstood("imports.refused.yaml_names")
    numbered = {
        int(k): str(v)
        for k, v in names.items()
        if str(k).isascii() and str(k).isdigit() and len(str(k)) < 10
    }
    return ClassList(numbered, keypoints="kpt_shape" in document)


def looks_like_yolo(text: str) -> bool:
    """Whether at least half of the lines are a class number and four or more shares."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return bool(lines) and 2 * sum(_numbers(line) is not None for line in lines) >= len(lines)


def read_yolo(sidecar: Sidecar, text: str, classes: ClassList) -> Reading:
    """The boxes of the image that the file lies beside; an empty file says that it has none."""
    boxes: list[BoxFact] = []
    problems: list[Problem] = []
    outlines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        numbers = _numbers(line.split())
        if numbers is None:
            if line.strip():
                reason = "imports.problem.corners"
                problems.append(Problem(sidecar.path, f"line {number}", reason))
            continue
        place, label = f"line {number}", classes.names.get(int(numbers[0]))
        if label is None:
            params: dict[str, Any] = {"category": str(int(numbers[0]))}
            reason = f"imports.problem.no_{'category' if classes.names else 'class_list'}"
            problems.append(Problem(sidecar.path, place, reason, params))
            continue
        is_outline = len(numbers) > 6 and not classes.keypoints
        outlines += ["polygon"] if is_outline else []
        corners = _around_outline(numbers[1:]) if is_outline else _of_centre(numbers[1:5])
        boxes.append(BoxFact(label, *corners, place=place))
    # What was not taken over is no proof that there is nothing.
    found = None if problems and not boxes else tuple(boxes)
    facts = [Fact(sidecar.path, "", boxes=found, beside=sidecar.path)]
    return Reading(sidecar.path, "yolo", facts, problems + other_forms(outlines))


def _numbers(parts: list[str]) -> list[float] | None:
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    whole = len(numbers) >= 5 and numbers[0] == int(numbers[0]) if _finite(numbers) else False
    return numbers if whole and numbers[0] >= 0 else None


def _finite(numbers: list[float]) -> bool:
    return all(math.isfinite(number) for number in numbers)


def _of_centre(numbers: list[float]) -> Corners:
    x, y, w, h = numbers
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def _around_outline(numbers: list[float]) -> Corners:
    return around(zip(numbers[0::2], numbers[1::2], strict=False))
