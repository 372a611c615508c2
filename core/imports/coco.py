"""Labels and boxes in COCO's form: https://cocodataset.org/#format-data."""

from collections import defaultdict
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
    picture_size,
)
from core.imports.shapes import Corners, around

_Key = int | str


def is_coco(document: Any) -> bool:
    """Whether a parsed JSON document has COCO's parts."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("images"), list)
        and isinstance(document.get("annotations"), list)
    )


@dataclass
class _Said:
    """What the annotations say, by their image's number."""

    boxes: defaultdict[_Key, list[tuple[str, Corners, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    labels: dict[_Key, str] = field(default_factory=dict)
    #: Images with an annotation that was not taken over.
    partly: set[_Key] = field(default_factory=set)
    #: Numbers that several images have: whose an annotation is cannot be told.
    ambiguous: set[_Key] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    outlines: list[str] = field(default_factory=list)


def read_coco(sidecar: Sidecar, document: dict[str, Any]) -> Reading:
    """Boxes of every image of the document; an image without an annotation is known to have none.

    An annotation with an outline and no box has the box around it, one with neither is the image's
    class. Crowds (`iscrowd`) are no objects.

    Raises:
        NotUnderstood: an image has no number or name.
    """
    categories = {
        key: str(each["name"])
        for each in _dicts(document.get("categories"))
        if (key := _key(each.get("id"))) is not None and each.get("name") is not None
    }
    images = _dicts(document["images"])
    names, ambiguous = _names(images)
    said = _Said(ambiguous=ambiguous)
    for at, each in enumerate(_dicts(document["annotations"])):
        _hear(said, each, f"annotations[{at}]", names, categories)
    only_classes = bool(said.labels) and not said.boxes
    facts: dict[tuple[_Key, str], Fact] = {}
    for at, image in enumerate(images):
        number, name, place = _key(image["id"]), image["file_name"], f"images[{at}]"
        assert number is not None  # each was looked at above
        if number in ambiguous:
            params: dict[str, object] = {"number": str(number)[:100]}
            said.problems.append(Problem(name, place, "imports.problem.number_twice", params))
            continue
        size = picture_size(image.get("width"), image.get("height"))
        found = tuple(
            BoxFact(label, *corners, pixels=True, size=size, place=where)
            for label, corners, where in said.boxes.get(number, ())
        )
        unsaid = not found and (only_classes or number in said.partly)
        fact = Fact(name, place, label=said.labels.get(number), boxes=None if unsaid else found)
        # An image that is listed twice has its boxes once.
        facts.setdefault((number, name), fact)
    problems = said.problems + other_forms(said.outlines)
    return Reading(sidecar.path, "coco", list(facts.values()), problems)


def _names(images: list[dict[str, Any]]) -> tuple[dict[_Key, str], set[_Key]]:
    """The images' names by number, and the numbers of which there are several.

    Raises:
        NotUnderstood: an image has no number or name.
    """
    names: dict[_Key, str] = {}
    ambiguous: set[_Key] = set()
    for at, image in enumerate(images):
        name, number = image.get("file_name"), _key(image.get("id"))
        if not isinstance(name, str) or number is None:
            raise NotUnderstood("imports.refused.coco_image", place=f"images[{at}]")
        if names.setdefault(number, name) != name:
            ambiguous.add(number)
    return names, ambiguous


def _hear(
    said: _Said,
    each: dict[str, Any],
    place: str,
    names: dict[_Key, str],
    categories: dict[_Key, str],
) -> None:
    owner = _key(each.get("image_id"))
    if owner is None or owner not in names:
        params: dict[str, object] = {"number": str(each.get("image_id"))[:100]}
        said.problems.append(Problem("", place, "imports.problem.no_image_number", params))
        return
    if owner in said.ambiguous:
        return

    def leave_out(reason: str, **params: object) -> None:
        said.partly.add(owner)
        reason = f"imports.problem.{reason}"
        said.problems.append(Problem(names[owner], place, reason, params))

    category = _key(each.get("category_id"))
    label = None if category is None else categories.get(category)
    if label is None:
        leave_out("no_category", category=str(each.get("category_id"))[:100])
    elif each.get("iscrowd"):
        leave_out("crowd", label=label)
    elif each.get("bbox"):
        corners = _corners(each["bbox"])
        if corners is None:
            leave_out("corners")
        else:
            said.boxes[owner].append((label, corners, place))
    elif each.get("segmentation"):
        outline = _outline(each["segmentation"])
        if outline is None:
            leave_out("other_shape", shape="segmentation")
        else:
            said.outlines.append("segmentation")
            said.boxes[owner].append((label, outline, place))
    elif each.get("keypoints"):
        leave_out("other_shape", shape="keypoints")
    elif said.labels.setdefault(owner, label) != label:
        leave_out("several_classes", kept=said.labels[owner], label=label)


def _key(value: Any) -> _Key | None:
    """A number by which images and categories are named; some write them as text."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _corners(bbox: Any) -> Corners | None:
    """`[x, y, width, height]` in pixels."""
    try:
        x, y, width, height = (float(number) for number in bbox)
    except (TypeError, ValueError, OverflowError):
        return None
    return x, y, x + width, y + height


def _outline(segmentation: Any) -> Corners | None:
    """The box around polygons, `[[x, y, x, y, …], …]` in pixels."""
    try:
        points = [
            (float(x), float(y))
            for polygon in segmentation
            for x, y in zip(polygon[0::2], polygon[1::2], strict=True)
        ]
        return around(points)
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
