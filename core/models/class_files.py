"""Class names as people keep them: a list, a table with numbers, a YOLO data file, JSON."""

import json
import re
from typing import Any

from core.errors import UserError
from core.imports.facts import NotUnderstood, Sidecar, text_of
from core.imports.yolo import read_class_list
from core.models.settings import parse_classes

ENDINGS = ("txt", "csv", "names", "yaml", "yml", "json")
_NUMBER = re.compile(r"\d{1,9}")
_NUMBERED = re.compile(r"\s*(\d{1,9})\s*[,;:\t]\s*(.+)")


def read_class_names(name: str, data: bytes) -> tuple[str, ...]:
    """The class names of a file in the order of the network's outputs.

    Text has a name a line, also as `0,tench`; YAML has `names`, as YOLO's data files have; JSON is
    a list, an object by number (`{"0": "tench"}`, also ImageNet's `["n01440764", "tench"]`), or a
    configuration with `id2label`.

    Args:
        name: the file's; its ending says what it is.

    Raises:
        UserError: it cannot be read, or its numbers have gaps.
    """
    sidecar = Sidecar(name, data)
    try:
        if sidecar.ending in (".yaml", ".yml"):
            return _in_order(read_class_list(sidecar).names)
        text = text_of(sidecar)
    except NotUnderstood as error:
        raise UserError("own_models.class_file", name=name, reason=str(error)) from None
    return _from_json(name, text) if sidecar.ending == ".json" else _from_text(text)


def _from_text(text: str) -> tuple[str, ...]:
    lines = parse_classes(text)
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    found = {int(match[1]): match[2].strip() for match in numbered if match}
    # One line without its number, or a number twice: the numbers belong to the names.
    return _in_order(found) if len(found) == len(lines) and 0 in found else lines


def _from_json(name: str, text: str) -> tuple[str, ...]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError("own_models.class_file", name=name, reason=str(error)[:200]) from None
    if isinstance(content, dict):
        content = content.get("id2label") or content.get("names") or content
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict) or not all(_NUMBER.fullmatch(str(key)) for key in content):
        raise UserError("own_models.class_json", name=name)
    return _in_order({int(key): _word(value) for key, value in content.items()})


def _word(value: Any) -> str:
    return str(value[-1] if isinstance(value, list) and value else value).strip()


def _in_order(names: dict[int, str]) -> tuple[str, ...]:
    missing = next((number for number in range(len(names)) if number not in names), None)
    if missing is not None:
        raise UserError("own_models.class_gap", n=missing)
    return tuple(names[number] for number in range(len(names)))
