"""Files beside the images, each read as what it is."""

import json
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, TypeVar

from core.imports import coco, label_studio, tabular, vectors, xml_labels, yolo
from core.imports.columns import is_picture_name
from core.imports.facts import UNFORESEEN, NotUnderstood, Reading, Sidecar, text_of

#: Endings of files that say something of images.
ENDINGS = (
    *(".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xml"),
    *(".txt", ".yaml", ".yml", ".names", ".npy"),
)
#: Of which an empty file says something: an image without objects, or a list without classes.
_MAY_BE_EMPTY = (".txt", ".names")
_T = TypeVar("_T")


def is_sidecar(path: str) -> bool:
    """Whether a file's name says that it is no picture but says something of pictures."""
    return PurePosixPath(path).suffix.lower() in ENDINGS


def read_all(sidecars: list[Sidecar]) -> Iterator[tuple[Sidecar, Reading | NotUnderstood]]:
    """Each file with what it says, or why it cannot be read; lists of names come first."""
    classes: dict[str, yolo.ClassList] = {}
    rest: list[Sidecar] = []
    for each in sidecars:
        if not yolo.is_class_list(each):
            rest.append(each)
            continue
        listed = _or_refusal(each, yolo.read_class_list)
        if isinstance(listed, NotUnderstood):
            yield each, listed
        else:
            classes[each.folder] = listed
            yield each, Reading(each.path, "classes")
    lists = {
        id(names)
        for each in rest
        if each.ending == ".npy" and (names := vectors.names_beside(each, rest)) is not None
    }
    for each in rest:
        if id(each) in lists:
            yield each, Reading(each.path, "names")
            continue
        yield each, _or_refusal(each, lambda sidecar: _read(sidecar, rest, classes))


def _or_refusal(sidecar: Sidecar, read: Callable[[Sidecar], _T]) -> _T | NotUnderstood:
    """What a reader makes of a file; whatever is wrong with it, the other files count."""
    try:
        return read(sidecar)
    except NotUnderstood as error:
        return error
    except UNFORESEEN as error:
        return NotUnderstood.unforeseen(sidecar.path, error)


def _read(sidecar: Sidecar, all_: list[Sidecar], classes: dict[str, yolo.ClassList]) -> Reading:
    if not sidecar.data.strip() and sidecar.ending not in _MAY_BE_EMPTY:
        raise NotUnderstood("imports.refused.empty")
    match sidecar.ending:
        case ".csv" | ".tsv":
            return tabular.read_csv(sidecar)
        case ".parquet":
            return tabular.read_parquet(sidecar)
        case ".jsonl" | ".ndjson":
            return tabular.read_json_lines(sidecar)
        case ".json":
            return _read_json(sidecar)
        case ".xml":
            return xml_labels.read_xml(sidecar)
        case ".npy":
            return vectors.read_vectors(sidecar, vectors.names_beside(sidecar, all_))
    text = text_of(sidecar)
    if text.strip() and not yolo.looks_like_yolo(text):
        if _lists_pictures(text):
            return Reading(sidecar.path, "names")
        raise NotUnderstood("imports.refused.other_text")
    return yolo.read_yolo(sidecar, text, _nearest(classes, sidecar.folder))


def _read_json(sidecar: Sidecar) -> Reading:
    try:
        document: Any = label_studio.as_tasks(json.loads(text_of(sidecar)))
    except ValueError as error:
        raise NotUnderstood("imports.refused.no_json", detail=str(error)[:200]) from None
    except RecursionError:
        raise NotUnderstood("imports.refused.no_json", detail="…") from None
    if coco.is_coco(document):
        return coco.read_coco(sidecar, document)
    if label_studio.is_label_studio(document):
        return label_studio.read_label_studio(sidecar, document)
    if isinstance(document, dict) and isinstance(document.get("categories"), list):
        return Reading(sidecar.path, "classes")  # Label Studio writes it beside YOLO's files.
    if isinstance(document, dict) and document and _all_dicts(document.values()):
        document = [{"name": name, **fields} for name, fields in document.items()]
    if isinstance(document, list) and document and _all_dicts(document):
        if label_studio.is_short_form(document):
            return label_studio.read_short_form(sidecar, document)
        return tabular.read_records(sidecar, document)
    raise NotUnderstood("imports.refused.other_json")


def _lists_pictures(text: str) -> bool:
    """Whether every line is a picture's path, as data sets list their parts."""
    return all(is_picture_name(line.strip()) for line in text.splitlines() if line.strip())


def _all_dicts(values: Any) -> bool:
    return all(isinstance(value, dict) for value in values)


def _nearest(classes: dict[str, yolo.ClassList], folder: str) -> yolo.ClassList:
    """The list of classes that lies nearest: in the folder, above it, or the only one there is."""
    parts = folder.split("/") if folder else []
    for length in range(len(parts), -1, -1):
        found = classes.get("/".join(parts[:length]))
        if found is not None:
            return found
    return next(iter(classes.values())) if len(classes) == 1 else yolo.ClassList()
