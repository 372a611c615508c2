"""What a file beside the images says of them, whatever its format."""

import logging
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.media.decoding import Refused

log = logging.getLogger(__name__)

#: A value of an attribute.
Value = str | int | float | bool | None
Vector = npt.NDArray[np.float32]


class NotUnderstood(Refused):
    """A file beside the images that cannot be read; the text says where and what to do."""

    @classmethod
    def unforeseen(cls, path: str, error: BaseException) -> "NotUnderstood":
        """The refusal of a file of which a reader made a mistake, which is logged with its trace.

        Args:
            error: what went wrong, while it is being handled.
        """
        log.exception("%r is refused: reading it failed", path)
        return cls("imports.refused.unforeseen", detail=f"{type(error).__name__}: {error}"[:200])


#: What nonsense in a file may raise where nobody has thought of it. It refuses that file; all else,
#: such as a database that is gone, is no file's fault.
UNFORESEEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class BoxFact:
    """An object's corners: shares of the picture's width and height, or pixels of it.

    Attributes:
        size: width and height of the picture as the file has it, which pixels are counted of;
            None: the file does not say.
        place: where it stands, if that is more than the place of its fact.
    """

    label: str
    x0: float
    y0: float
    x1: float
    y1: float
    pixels: bool = False
    size: tuple[float, float] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one place of a file says of one image. Several facts may be about the same image.

    Attributes:
        name: the image's file name, with as many of its folders as the file gives.
        place: where it stands, e.g. `row 12`, for the report.
        image_id: the image's number, where the file comes from DATAG.
        label: the image's class; None: nothing is said.
        boxes: its objects, all there are; None: nothing is said.
        vector: float32 (D,), its feature vector.
        beside: path of a file that describes this image alone and lies beside it.
    """

    name: str
    place: str
    image_id: int | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    label: str | None = None
    boxes: tuple[BoxFact, ...] | None = None
    vector: Vector | None = None
    beside: str = ""


@dataclass(frozen=True)
class Problem:
    """Something of a file that was not taken over, or only in another form, and why.

    Attributes:
        name: the image that it is about, as the file has it; empty: it is about the whole file.
        reason: key of a text; `params` fill its placeholders.
    """

    name: str
    place: str
    reason: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_note(self) -> bool:
        """Whether it only says in which form something was taken over."""
        return self.reason.startswith("imports.note.")


def other_forms(shapes: Iterable[str]) -> list[Problem]:
    """A note for each kind of shape of which only the box around it was taken over."""
    counted = Counter(shapes)
    return [
        Problem("", "", "imports.note.around", {"n": n, "shape": shape})
        for shape, n in counted.items()
    ]


def picture_size(width: Any, height: Any) -> tuple[float, float] | None:
    """A picture's size as a file gives it; None where it does not, or gives nonsense."""
    try:
        size = float(width), float(height)
    except (TypeError, ValueError, OverflowError):
        return None
    return size if all(math.isfinite(n) and n > 0 for n in size) else None


@dataclass(frozen=True)
class Sidecar:
    """A file that came with the images."""

    path: str
    data: bytes

    @property
    def folder(self) -> str:
        """Its folder, without a slash at the end."""
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def ending(self) -> str:
        """Its ending in lower case, with the dot."""
        name = self.path.rpartition("/")[2]
        return name[name.rfind(".") :].lower() if "." in name else ""


@dataclass(frozen=True)
class Reading:
    """What was read from one file.

    Attributes:
        kind: the format: `imports.kind.<kind>` is the key of its name.
        facts: empty for a file that only helps to read others, such as a list of classes.
    """

    path: str
    kind: str
    facts: list[Fact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def text_of(sidecar: Sidecar) -> str:
    """A text file's text: UTF-8 or UTF-16 with a mark, UTF-8, or Korean Windows' code page.

    Raises:
        NotUnderstood: it is none of them.
    """
    data = sidecar.data
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotUnderstood("imports.refused.no_text")
