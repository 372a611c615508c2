"""What an ONNX file says of itself, read without trusting it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, Message

from models.errors import UnusableFile

#: Networks have hundreds to a few thousand; more only delays everybody's work.
MAX_OPERATIONS = 50_000
_MAX_BYTES = 2**31 - 1  # what one protobuf message can hold
_MAX_NAMES_TEXT = 1_000_000  # characters


def read(path: Path) -> onnx.ModelProto:
    """The file's message, with everything it needs inside itself.

    Raises:
        UnusableFile: it is no ONNX file, is damaged, too large, has too many operations, or keeps
            its weights in other files: those would be read from wherever it says.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise UnusableFile("onnx_too_large", limit=f"{_MAX_BYTES / 1e9:.1f}")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except (DecodeError, RecursionError) as error:
        raise UnusableFile("not_onnx", detail=_short(error)) from None
    if not model.graph.node or not model.graph.output:
        raise UnusableFile("not_onnx", detail="no graph")
    operations = 0
    for message in _inside(model):
        if isinstance(message, onnx.TensorProto):
            if message.external_data or message.data_location == onnx.TensorProto.EXTERNAL:
                raise UnusableFile("onnx_external", tensor=message.name or "?")
        elif isinstance(message, onnx.NodeProto):
            operations += 1
            if operations > MAX_OPERATIONS:
                raise UnusableFile("too_many_operations", limit=f"{MAX_OPERATIONS:,}")
    return model


def _inside(message: Message) -> Iterator[Message]:
    """Every message inside a message, at any depth; tensors' own parts are left out."""
    waiting = [message]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, onnx.TensorProto):
            continue
        for field, value in current.ListFields():
            if field.message_type is None:
                continue
            waiting.extend(value if _repeated(value) else [value])


def _repeated(value: Any) -> bool:
    return not isinstance(value, Message)


def class_names(model: onnx.ModelProto) -> tuple[str, ...]:
    """The classes that the exporter wrote into the file, as Ultralytics does; empty without."""
    text = next((entry.value for entry in model.metadata_props if entry.key == "names"), "")
    if not text or len(text) > _MAX_NAMES_TEXT:
        return ()
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return ()
    if isinstance(found, dict) and set(found) == set(range(len(found))):
        found = [found[index] for index in range(len(found))]
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def image_size(model: onnx.ModelProto) -> tuple[int, int] | None:
    """Height and width of the input that the exporter wrote into the file; None without."""
    text = next((entry.value for entry in model.metadata_props if entry.key == "imgsz"), "")
    sides = [int(number) for number in re.findall(r"\d{1,5}", text[:50])]
    return (sides[0], sides[1]) if len(sides) == 2 and 0 not in sides else None


def count_parameters(model: onnx.ModelProto) -> int:
    """Numbers in the graph's tensors."""
    total = 0
    for tensor in model.graph.initializer:
        size = 1
        for side in tensor.dims:
            size *= side
        total += size
    return total


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
