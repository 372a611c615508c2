"""Labels and boxes in COCO's form: https://cocodataset.org/#format-data."""

from collections import defaultdict
from typing import Any

from core.imports.facts import BoxFact, Fact, NotUnderstood, Problem, Reading, Sidecar


def is_coco(document: Any) -> bool:
    """Whether a parsed JSON document has COCO's parts."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("images"), list)
        and isinstance(document.get("annotations"), list)
    )


def read_coco(sidecar: Sidecar, document: dict[str, Any]) -> Reading:
    """Boxes of every image of the document; an image without one is known to have none.

    Annotations without a box are the image's class. Crowds (`iscrowd`) are no objects.

    Raises:
        NotUnderstood: an image has no number or name.
    """
    categories = {
        each.get("id"): str(each.get("name"))
        for each in _dicts(document.get("categories"))
        if each.get("name") is not None
    }
    boxes: defaultdict[Any, list[BoxFact]] = defaultdict(list)
    labels: dict[Any, str] = {}
    problems: list[Problem] = []
    for at, each in enumerate(_dicts(document["annotations"])):
        place, owner = f"annotations[{at}]", each.get("image_id")
        label = categories.get(each.get("category_id"))
        if label is None:
            params = {"category": str(each.get("category_id"))}
            problems.append(Problem(str(owner), place, "imports.problem.no_category", params))
        elif each.get("bbox") is None:
            labels[owner] = label
        elif not each.get("iscrowd"):
            box = _box(label, each["bbox"])
            if box is None:
                problems.append(Problem(str(owner), place, "imports.problem.corners"))
            else:
                boxes[owner].append(box)
    only_classes = bool(labels) and not boxes
    facts: list[Fact] = []
    for at, image in enumerate(_dicts(document["images"])):
        name, number = image.get("file_name"), image.get("id")
        if not isinstance(name, str) or not isinstance(number, int | str):
            raise NotUnderstood("imports.refused.coco_image", place=f"images[{at}]")
        found = None if only_classes else tuple(boxes.get(number, ()))
        facts.append(Fact(name, f"images[{at}]", label=labels.get(number), boxes=found))
    return Reading(sidecar.path, "coco", facts, problems)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _box(label: str, bbox: Any) -> BoxFact | None:
    """`[x, y, width, height]` in pixels."""
    try:
        x, y, width, height = (float(number) for number in bbox)
    except (TypeError, ValueError):
        return None
    return BoxFact(label, x, y, x + width, y + height, pixels=True)
