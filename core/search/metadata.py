"""The attributes of a project's images, taken apart in one pass over all of them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

#: How a text begins that is a day, or a moment of one. The same expression is used in SQL.
DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])")
#: Texts that differ, above which taking all of them apart costs more than asking for one field.
MOST_TEXTS = 200_000


@dataclass
class Attribute:
    """The values of one attribute."""

    #: Kind (`string`, `number`, `true` or `false`) and value of each value that occurs.
    values: list[tuple[str, Any]] = field(default_factory=list)
    #: int32 (N,): for each image the place of its value in `values`; -1: it has none.
    codes: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))

    def numbers(self) -> npt.NDArray[np.float64]:
        """float64 (N,): each image's number; NaN where it has none."""
        known = [value if kind == "number" else np.nan for kind, value in self.values]
        return np.array([*known, np.nan], dtype=np.float64)[self.codes]

    def days(self) -> npt.NDArray[np.float64]:
        """float64 (N,): each image's day as a number such as 20241014; NaN where its value is no
        text that begins with a day, as 2024-10-14 does."""
        known = [
            float(value[:10].replace("-", "")) if kind == "string" and DAY.match(value) else np.nan
            for kind, value in self.values
        ]
        return np.array([*known, np.nan], dtype=np.float64)[self.codes]

    def owners(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Where the images of each value begin and end in what follows; images by value."""
        having = np.flatnonzero(self.codes >= 0).astype(np.int32)
        codes = self.codes[having]
        starts = np.cumsum([0, *np.bincount(codes, minlength=len(self.values))])
        return starts, having[np.argsort(codes, kind="stable")]

    def words(self) -> list[str]:
        """Each value as it is written in a query."""
        return [
            value if kind == "string" else json.dumps(value, ensure_ascii=False)
            for kind, value in self.values
        ]

    def by_word(self) -> "Attribute":
        """The same where equal words are one value: the number 2 and the text `2`."""
        words = self.words()
        names = {name: place for place, name in enumerate(dict.fromkeys(words))}
        places = np.array([*(names[word] for word in words), -1], dtype=np.int32)
        return Attribute([("string", name) for name in names], places[self.codes])

    @property
    def nbytes(self) -> int:
        """Bytes of memory, roughly."""
        return self.codes.nbytes + 100 * len(self.values)


@dataclass
class Attributes:
    """All attributes by name."""

    #: None: they differ too much to be taken apart.
    by_name: dict[str, Attribute] | None

    @property
    def nbytes(self) -> int:
        """Bytes of memory, roughly."""
        return sum(each.nbytes for each in (self.by_name or {}).values())


def taken_apart(groups: Iterable[tuple[str, npt.NDArray[np.int32]]], images: int) -> Attributes:
    """The attributes of `images` images, from each JSON object that occurs and who has it.

    Members that are neither text, number nor truth value are passed over.
    """
    found: dict[str, _Building] = {}
    rows = np.full(images, -1, dtype=np.int32)
    size = 0
    for text, positions in groups:
        rows[positions] = size
        for name, value in json.loads(text).items():
            if (kind := _kind(value)) is not None:
                found.setdefault(name, _Building()).add(size, (kind, value))
        size += 1
    return Attributes({name: each.spread(rows, size) for name, each in found.items()})


@dataclass
class _Building:
    """One attribute while the texts are read: which text has which value."""

    places: dict[tuple[str, Any], int] = field(default_factory=dict)
    texts: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def add(self, text: int, value: tuple[str, Any]) -> None:
        self.texts.append(text)
        self.codes.append(self.places.setdefault(value, len(self.places)))

    def spread(self, rows: npt.NDArray[np.int32], size: int) -> Attribute:
        """The attribute, when `rows` says which of `size` texts each image has."""
        # The last one is that of images without any text.
        by_text = np.full(size + 1, -1, dtype=np.int32)
        by_text[self.texts] = self.codes
        return Attribute(list(self.places), by_text[rows])


def _kind(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else None
