"""Colours of the points: one byte a point, a palette, and a legend that explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

import numpy as np
import numpy.typing as npt

from core.curation.palette import PALETTE

RGB = tuple[int, int, int]


def rgb(colour: str) -> RGB:
    """The parts of `#rrggbb`, each in 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


CLASS_COLOURS: tuple[RGB, ...] = tuple(map(rgb, PALETTE))
OTHER_COLOUR: RGB = (0xA3, 0xA8, 0xB3)
NO_VALUE_COLOUR: RGB = (0x75, 0x7A, 0x85)

# Ten colours of viridis (van der Walt and Smith 2015), evenly spaced: bright means high, in grey
# and for all kinds of colour vision too.
_VIRIDIS: tuple[RGB, ...] = (
    (0x44, 0x01, 0x54), (0x48, 0x28, 0x78), (0x3E, 0x49, 0x89), (0x31, 0x68, 0x8E),
    (0x26, 0x82, 0x8E), (0x1F, 0x9E, 0x89), (0x35, 0xB7, 0x79), (0x6E, 0xCE, 0x58),
    (0xB5, 0xDE, 0x2B), (0xFD, 0xE7, 0x25),
)  # fmt: skip
_SCALE_STEPS = 254
_NO_VALUE_CODE = 254
#: Of points that are shown faintly and join no selection. No palette has a colour for it: the
#: browser makes one from the theme's background.
DIMMED_CODE = 255


class LegendEntry(TypedDict):
    """One line of a legend; only a class has a label, the other kinds have texts of the browser."""

    code: int
    kind: Literal["class", "other", "none", "dimmed"]
    label: str
    colour: str
    count: int


class ColourScale(TypedDict):
    """The ends of a continuous scale and colours of it from low to high; dates are seconds UTC.

    The first `steps` colours of the palette are spread evenly between `colours`.
    """

    low: float
    high: float
    unit: str
    colours: list[str]
    steps: int
    dates: bool


@dataclass(frozen=True, eq=False)
class MapColours:
    """How the points are coloured.

    Args:
        codes: uint8 (N,), index into `palette`.
        palette: at most 255 sRGB colours.
        entries: the legend's lines, in their order.
        scale: the legend's colour bar, if colours stand for numbers.
        title: what the colours show, already translated; hidden classes are remembered by it.
    """

    codes: npt.NDArray[np.uint8]
    palette: tuple[RGB, ...]
    entries: tuple[LegendEntry, ...]
    scale: ColourScale | None = None
    title: str = ""


def css(colour: RGB) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def categorical(
    values: Sequence[str | None], title: str = "", own: Mapping[str, str] | None = None
) -> MapColours:
    """Colour points by class.

    The most frequent classes come first, those that occur equally often in order of their names.
    The first 20 get a colour each: their own, or one of the palette that no other has; all others
    share "other"; None is "no value".

    Args:
        values: the class of each point, N.
        title: what the classes are, already translated.
        own: `#rrggbb` by class, for those that have a colour of their own.
    """
    counts = Counter(value for value in values if value is not None)
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    named = ranked[: len(CLASS_COLOURS)]
    other_code, none_code = len(named), len(named) + 1
    code_of: dict[str | None, int] = dict.fromkeys(ranked, other_code)
    code_of |= {label: code for code, label in enumerate(named)}
    code_of[None] = none_code
    codes = np.fromiter(map(code_of.__getitem__, values), dtype=np.uint8, count=len(values))
    palette = (*_class_colours(named, own or {}), OTHER_COLOUR, NO_VALUE_COLOUR)
    entries: list[LegendEntry] = [
        {
            "code": code,
            "kind": "class",
            "label": label,
            "colour": css(palette[code]),
            "count": counts[label],
        }
        for code, label in enumerate(named)
    ]
    others = sum(counts[label] for label in ranked[len(named) :])
    entries += _rest("other", other_code, OTHER_COLOUR, others)
    entries += _rest("none", none_code, NO_VALUE_COLOUR, len(values) - counts.total())
    return MapColours(codes, palette, tuple(entries), title=title)


def _class_colours(labels: Sequence[str], own: Mapping[str, str]) -> list[RGB]:
    """A colour for each class."""
    given = {label: rgb(own[label]) for label in labels if label in own}
    free = iter(colour for colour in CLASS_COLOURS if colour not in given.values())
    return [given.get(label) or next(free, OTHER_COLOUR) for label in labels]


def continuous(
    values: npt.ArrayLike, unit: str = "", title: str = "", dates: bool = False
) -> MapColours:
    """Colour points by a number, from the lowest (dark) to the highest (bright) that occurs.

    Args:
        values: float (N,); a value that is not finite counts as "no value".
        unit: shown under the colour bar, may be empty.
        title: what the numbers are, already translated.
        dates: the values are seconds since 1970, UTC, and the legend shows days.
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    low = float(numbers[known].min()) if known.any() else 0.0
    high = float(numbers[known].max()) if known.any() else 0.0
    codes = np.full(len(numbers), _NO_VALUE_CODE, dtype=np.uint8)
    # Halved, so that the span of very large numbers does not overflow.
    span = high / 2 - low / 2
    share = (numbers[known] / 2 - low / 2) / span if span > 0 else np.full(int(known.sum()), 0.5)
    codes[known] = np.rint(share * (_SCALE_STEPS - 1)).astype(np.uint8)
    scale: ColourScale | None = None
    if known.any():
        bar = [css(colour) for colour in _VIRIDIS]
        scale = {
            "low": low,
            "high": high,
            "unit": unit,
            "colours": bar,
            "steps": _SCALE_STEPS,
            "dates": dates,
        }
    entries = _rest("none", _NO_VALUE_CODE, NO_VALUE_COLOUR, int((~known).sum()))
    return MapColours(codes, (*_scale_palette(), NO_VALUE_COLOUR), tuple(entries), scale, title)


def dimmed(colours: MapColours, bright: npt.NDArray[np.bool_]) -> MapColours:
    """The same colours with some points shown faintly: they keep their place and lose their class.

    The legend counts the bright points alone, and has a line for the others.

    Args:
        bright: bool (N,).
    """
    codes = np.where(bright, colours.codes, DIMMED_CODE).astype(np.uint8)
    counts = np.bincount(codes, minlength=256)
    entries: list[LegendEntry] = [
        {**entry, "count": int(counts[entry["code"]])} for entry in colours.entries
    ]
    entries += _rest("dimmed", DIMMED_CODE, NO_VALUE_COLOUR, int(counts[DIMMED_CODE]))
    return replace(colours, codes=codes, entries=tuple(entries))


def _rest(
    kind: Literal["other", "none", "dimmed"], code: int, colour: RGB, count: int
) -> list[LegendEntry]:
    """The line for points beyond the classes, if there are such points."""
    if not count:
        return []
    return [{"code": code, "kind": kind, "label": "", "colour": css(colour), "count": count}]


def _scale_palette() -> tuple[RGB, ...]:
    anchors = np.array(_VIRIDIS, dtype=np.float64)
    positions = np.linspace(0, len(anchors) - 1, _SCALE_STEPS)
    channels = [np.interp(positions, np.arange(len(anchors)), anchors[:, c]) for c in range(3)]
    rounded = np.rint(np.stack(channels, axis=1)).astype(int)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in rounded)
