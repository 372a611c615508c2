"""Boxes as YOLO keeps them: a text file an image, a line an object, the classes elsewhere.

https://docs.ultralytics.com/datasets/detect/: class number, centre, width and height as shares of
the picture; a segment's outline instead of centre and size becomes the box around it.
"""

import math
from collections.abc import Mapping
from typing import Any

from core.imports.facts import BoxFact, Fact, NotUnderstood, Problem, Reading, Sidecar, text_of

_CLASS_LISTS = ("classes.txt", "obj.names", "labels.txt", "predefined_classes.txt")
_MOST_CLASSES = 100_000


def is_class_list(sidecar: Sidecar) -> bool:
    """Whether a file lists classes: one of the usual names, or YAML."""
    name = sidecar.path.rpartition("/")[2].lower()
    return name in _CLASS_LISTS or sidecar.ending in (".yaml", ".yml", ".names")


def read_class_list(sidecar: Sidecar) -> dict[int, str]:
    """Class names by number: one a line, or the `names` of a YAML file.

    Raises:
        NotUnderstood: it is neither.
    """
    text = text_of(sidecar)
    if sidecar.ending not in (".yaml", ".yml"):
        lines = [line.strip() for line in text.splitlines()]
        return {number: line for number, line in enumerate(lines) if line}
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
    return {int(k): str(v) for k, v in names.items() if str(k).isascii() and str(k).isdigit()}


def looks_like_yolo(text: str) -> bool:
    """Whether every line is a class number and at least four shares."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return bool(lines) and all(_numbers(line) is not None for line in lines)


def read_yolo(sidecar: Sidecar, text: str, classes: Mapping[int, str]) -> Reading:
    """The boxes of the image that the file lies beside; an empty file says that it has none."""
    boxes: list[BoxFact] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        numbers = _numbers(line.split())
        if numbers is None:
            if line.strip():
                reason = "imports.problem.corners"
                problems.append(Problem(sidecar.path, f"line {number}", reason))
            continue
        label = classes.get(int(numbers[0]))
        if label is None:
            params: dict[str, Any] = {"category": str(int(numbers[0]))}
            place = f"line {number}"
            problems.append(Problem(sidecar.path, place, "imports.problem.no_category", params))
            continue
        boxes.append(BoxFact(label, *_corners(numbers[1:])))
    facts = [Fact(sidecar.path, "", boxes=tuple(boxes))] if boxes or not problems else []
    return Reading(sidecar.path, "yolo", facts, problems)


def _numbers(parts: list[str]) -> list[float] | None:
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    whole = len(numbers) >= 5 and numbers[0] == int(numbers[0]) if _finite(numbers) else False
    return numbers if whole and numbers[0] >= 0 else None


def _finite(numbers: list[float]) -> bool:
    return all(math.isfinite(number) for number in numbers)


def _corners(numbers: list[float]) -> tuple[float, float, float, float]:
    """Corners of centre and size (a fifth number is a confidence), or around an outline."""
    if len(numbers) <= 5:
        x, y, w, h = numbers[:4]
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2
    xs, ys = numbers[0::2], numbers[1::2]
    return min(xs), min(ys), max(xs), max(ys)
