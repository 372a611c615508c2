"""Labels and boxes as Label Studio exports them: https://labelstud.io/guide/export#json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from core.curation.attributes import MAX_TEXT
from core.imports.cells import scalar
from core.imports.columns import attribute_name
from core.imports.facts import (
    BoxFact,
    Fact,
    Problem,
    Reading,
    Sidecar,
    Value,
    other_forms,
    picture_size,
)
from core.imports.shapes import Corners, around, around_ellipse, turned

_IMAGE_KEYS = ("image", "img", "picture")
_IMAGE_ENDING = re.compile(r"\.\w{2,5}$", re.ASCII)
#: Types of results that are an area with a class; Label Studio writes the two apart or as one.
_AREAS = (
    *("rectanglelabels", "rectangle", "polygonlabels", "polygon"),
    *("ellipselabels", "ellipse", "labels"),
)
#: Of the short form, what Label Studio says of its own work.
_SERVICE = (
    *("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"),
    *("file_upload", "inner_id", "project", "meta", "predictions"),
)
_CHOICES = ("choice", "choices", "label", "class")


def is_label_studio(document: Any) -> bool:
    """Whether a parsed JSON document is a list of Label Studio's tasks."""
    return isinstance(document, list) and bool(document) and all(map(_is_task, document))


def _is_task(task: Any) -> bool:
    return (
        isinstance(task, dict)
        and isinstance(task.get("data"), dict)
        and ("annotations" in task or "completions" in task)
    )


def as_tasks(document: Any) -> Any:
    """A document of one task, as Label Studio writes them into a bucket, as a list of tasks."""
    if _is_task(document):
        return [document]
    task = document.get("task") if isinstance(document, dict) and "result" in document else None
    if isinstance(task, dict) and isinstance(task.get("data"), dict):
        return [{**task, "annotations": [document]}]
    return document


def is_short_form(records: Any) -> bool:
    """Whether JSON objects are of the export "JSON-MIN", which has regions as lists by name."""
    return any(
        _is_regions(value)
        for record in records
        if isinstance(record, dict)
        for value in record.values()
    )


def _is_regions(value: Any) -> bool:
    """Whether a value is a list of shapes, of whatever kind; those without a class have a size."""
    return (
        isinstance(value, list)
        and all(isinstance(each, dict) for each in value)
        and any(_labels_key(each) or "original_width" in each for each in value)
    )


def _labels_key(region: Mapping[str, Any]) -> str | None:
    """The field of a region that has its classes, by which its kind is known."""
    named = [key for key in region if key.endswith("labels")]
    return next((key for key in named if key in _AREAS), named[0] if named else None)


def read_label_studio(sidecar: Sidecar, tasks: list[dict[str, Any]]) -> Reading:
    """Boxes, choices and further data of each task.

    Of several annotations that were not cancelled, the one marked as ground truth counts, else the
    last. Outlines and turned boxes become the upright box around them.
    """
    facts: list[Fact] = []
    told = _Told()
    for at, task in enumerate(tasks):
        place, data = f"[{at}]", task["data"]
        key = _image_key(data)
        if key is None:
            told.add("", place, "no_image_name")
            continue
        name = _name(data[key])
        answers = task.get("annotations") or task.get("completions") or []
        listed = answers if isinstance(answers, list) else []
        given = [a for a in listed if isinstance(a, dict) and not a.get("was_cancelled")]
        further = _further(data, key)
        if not given:
            told.add(name, place, "not_annotated")
            facts += [Fact(name, place, attributes=further)] if further else []
            continue
        chosen = next((a for a in reversed(given) if a.get("ground_truth") is True), given[-1])
        if len(given) > 1:
            told.add(name, place, "several_annotations", n=len(given))
        facts.append(_fact(name, place, chosen.get("result"), further, told))
    return Reading(sidecar.path, "label_studio", facts, told.all_problems())


def read_short_form(sidecar: Sidecar, records: list[dict[str, Any]]) -> Reading:
    """The same of the export "JSON-MIN", or of its form as a table."""
    facts: list[Fact] = []
    told = _Told()
    for at, record in enumerate(records):
        place = f"[{at}]"
        key = _image_key(record)
        if key is None:
            told.add("", place, "no_image_name")
            continue
        results: list[Any] = []
        for name, value in record.items():
            if _is_regions(value):
                # Of a region without a class, its kind does not matter.
                results += [
                    {**each, "type": _labels_key(each) or "labels", "value": each} for each in value
                ]
            elif isinstance(value, dict) and isinstance(value.get("choices"), list):
                results.append({"type": "choices", "value": value})
            elif name in _CHOICES and isinstance(value, str) and value:
                results.append({"type": "choices", "value": {"choices": [value]}})
        further = _further(record, key, (*_SERVICE, *_CHOICES))
        facts.append(_fact(_name(record[key]), place, results, further, told))
    return Reading(sidecar.path, "label_studio", facts, told.all_problems())


@dataclass
class _Told:
    """What stands in a file beside its boxes and classes."""

    problems: list[Problem] = field(default_factory=list)
    outlines: list[str] = field(default_factory=list)

    def add(self, name: str, place: str, reason: str, **params: object) -> None:
        self.problems.append(Problem(name, place, f"imports.problem.{reason}", params))

    def all_problems(self) -> list[Problem]:
        return self.problems + other_forms(self.outlines)


def _image_key(data: Mapping[str, Any]) -> str | None:
    """The field that holds the picture's address."""
    addresses = {
        key: value for key, value in data.items() if isinstance(value, str) and "." in value
    }
    endings = [key for key, value in addresses.items() if _IMAGE_ENDING.search(_name(value))]
    return next((key for key in (*_IMAGE_KEYS, *endings, *addresses) if key in addresses), None)


def _name(address: str) -> str:
    """The picture's name out of its address, with its folders."""
    path = unquote(address.partition("?d=")[2] or address.partition("?")[0])
    return re.sub(r"^\w+://[^/]*/", "", path)


def _further(
    data: Mapping[str, Any], image: str, passed_over: tuple[str, ...] = ()
) -> dict[str, Value]:
    """The other fields that came with a picture."""
    found: dict[str, Value] = {}
    for key, each in data.items():
        name = attribute_name(str(key))
        if key == image or key in passed_over or name is None:
            continue
        value = scalar(each) if isinstance(each, str | int | float) else None
        if value is not None and len(str(value)) <= MAX_TEXT:
            found[name] = value
    return found


def _fact(name: str, place: str, results: Any, further: dict[str, Value], told: _Told) -> Fact:
    before = len(told.problems)
    labels: list[str] = []
    areas: dict[Any, dict[str, Any]] = {}
    for at, result in enumerate(results if isinstance(results, list) else []):
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            continue
        kind = str(result.get("type", ""))
        if kind == "choices" and not {"x", "points"} & value.keys():
            choices = value.get("choices")
            labels += [str(c) for c in choices] if isinstance(choices, list) else []
        elif kind in _AREAS:
            # A rectangle and its label are two results of one id.
            own = str(result["id"]) if isinstance(result.get("id"), str | int) else f"#{at}"
            areas.setdefault(own, {}).update({**value, "_of": result})
        elif kind:
            told.add(name, place, "other_shape", shape=kind)
    only_class = bool(labels) and not areas and len(told.problems) == before
    boxes = [box for each in areas.values() if (box := _box(name, place, each, told))]
    for other in dict.fromkeys(labels[1:]):
        if other != labels[0]:
            told.add(name, place, "several_classes", kept=labels[0], label=other)
    unsaid = not boxes and (only_class or len(told.problems) > before)
    label = labels[0] if labels else None
    return Fact(name, place, None, further, (), label, None if unsaid else tuple(boxes))


def _box(name: str, place: str, value: dict[str, Any], told: _Told) -> BoxFact | None:
    """The box around an area, whose numbers are percentages of the picture's size."""
    named = (value.get(key) for key in _AREAS if key.endswith("labels"))
    labels = next((each for each in named if isinstance(each, list) and each), [None])
    label = "" if labels[0] is None else str(labels[0])
    result = value["_of"]
    size = picture_size(result.get("original_width"), result.get("original_height"))
    if not label:
        told.add(name, place, "no_label")
        return None
    if result.get("image_rotation"):
        told.add(name, place, "picture_turned")
        return None
    try:
        corners, form = _corners(value, size or (1, 1))
        is_turned = bool(float(value.get("rotation") or 0))
    except (KeyError, TypeError, ValueError, OverflowError):
        told.add(name, place, "corners")
        return None
    if is_turned and size is None:
        told.add(name, place, "turned_without_size")
        return None
    for other in dict.fromkeys(map(str, labels[1:])):
        if other != label:
            told.add(name, place, "several_classes", kept=label, label=other)
    told.outlines += [form] if form else []
    return BoxFact(label, *corners, pixels=size is not None, size=size)


def _corners(value: dict[str, Any], size: tuple[float, float]) -> tuple[Corners, str]:
    """Corners on a picture of this size, and the area's kind where they are only around it."""

    def at(x: Any, y: Any) -> tuple[float, float]:
        return float(x) / 100 * size[0], float(y) / 100 * size[1]

    degrees = float(value.get("rotation") or 0)
    if "points" in value:
        return around(at(x, y) for x, y in value["points"]), "polygon"
    x, y = at(value["x"], value["y"])
    if "radiusX" in value:
        radii = at(value["radiusX"], value["radiusY"])
        return around_ellipse((x, y), radii, degrees), "ellipse"
    width, height = at(value["width"], value["height"])
    corners = (x, y, x + width, y + height)
    # Label Studio turns boxes about their first corner.
    return (turned(corners, degrees, (x, y)), "rotated box") if degrees else (corners, "")
