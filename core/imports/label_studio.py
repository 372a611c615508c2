"""Labels and boxes as Label Studio exports them: https://labelstud.io/guide/export#json."""

import re
from typing import Any
from urllib.parse import unquote

from core.imports.facts import BoxFact, Fact, Problem, Reading, Sidecar

#: Label Studio puts eight hexadecimal digits in front of the names of uploaded files.
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")


def is_label_studio(document: Any) -> bool:
    """Whether a parsed JSON document is a list of Label Studio's tasks."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(
            isinstance(task, dict)
            and isinstance(task.get("data"), dict)
            and ("annotations" in task or "completions" in task)
            for task in document
        )
    )


def read_label_studio(sidecar: Sidecar, tasks: list[dict[str, Any]]) -> Reading:
    """Boxes and choices of each task's last annotation that was not cancelled."""
    facts: list[Fact] = []
    problems: list[Problem] = []
    for at, task in enumerate(tasks):
        place = f"[{at}]"
        name = _image_name(task["data"])
        if name is None:
            problems.append(Problem("", place, "imports.problem.no_image_name"))
            continue
        answers = task.get("annotations") or task.get("completions") or []
        given = [a for a in answers if isinstance(a, dict) and not a.get("was_cancelled")]
        if not given:
            problems.append(Problem(name, place, "imports.problem.not_annotated"))
            continue
        facts.append(_fact(name, place, given[-1].get("result"), problems))
    return Reading(sidecar.path, "label_studio", facts, problems)


def _image_name(data: dict[str, Any]) -> str | None:
    """The picture's name out of its address."""
    for key in ("image", "img", "picture", *data):
        value = data.get(key)
        if isinstance(value, str) and "." in value:
            path = unquote(value.partition("?d=")[2] or value.partition("?")[0])
            folder, _, name = path.rpartition("/")
            if folder.rpartition("/")[2].isdigit() or "upload" in folder:
                return _UPLOADED.sub("", name, count=1)
            return re.sub(r"^\w+://[^/]*/", "", path)
    return None


def _fact(name: str, place: str, results: Any, problems: list[Problem]) -> Fact:
    boxes: list[BoxFact] = []
    label: str | None = None
    only_choices = True
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            continue
        kind = str(result.get("type", ""))
        if kind == "choices" and isinstance(value.get("choices"), list) and value["choices"]:
            label = str(value["choices"][0])
        elif kind in ("rectanglelabels", "rectangle"):
            only_choices = False
            box = _box(value)
            if box is None:
                problems.append(Problem(name, place, "imports.problem.corners"))
            else:
                boxes.append(box)
        elif kind:
            only_choices = False
            problems.append(Problem(name, place, "imports.problem.other_shape", {"shape": kind}))
    return Fact(name, place, label=label, boxes=None if label and only_choices else tuple(boxes))


def _box(value: dict[str, Any]) -> BoxFact | None:
    """Corners come as percentages of the picture's size."""
    labels = value.get("rectanglelabels") or value.get("labels") or [None]
    try:
        x, y, w, h = (float(value[key]) / 100 for key in ("x", "y", "width", "height"))
        label = str(labels[0]) if labels[0] is not None else ""
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return BoxFact(label, x, y, x + w, y + h) if label else None
