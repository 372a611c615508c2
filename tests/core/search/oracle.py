"""Terms of the query language, each with the same question in plain Python."""

import fnmatch
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np

from core.search.measures import MEASURES
from tests.core.search.world import Known


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _names(text: str) -> Callable[[Known], bool]:
    return lambda k: _fold(text) in _fold(k.image.name)


def _like(pattern: str) -> Callable[[Known], bool]:
    def fits(known: Known) -> bool:
        name = _fold(known.image.name)
        parts = (name, *(name[i + 1 :] for i, char in enumerate(name) if char == "/"))
        return any(fnmatch.fnmatchcase(part, _fold(pattern)) for part in parts)

    return fits


def _label(known: Known) -> str:
    return _fold(known.prediction[0] or "") if known.prediction else ""


def _confidence(test: Callable[[float], bool]) -> Callable[[Known], bool]:
    def holds(known: Known) -> bool:
        confidence = known.prediction[1] if known.prediction else None
        return confidence is not None and test(confidence)

    return holds


def _uploaded(known: Known) -> date:
    return known.image.uploaded_at.astimezone().date()


def _day(known: Known) -> date:
    captured: datetime | None = known.image.captured_at
    return _uploaded(known) if captured is None else captured.date()


def _meta(name: str, test: Callable[[Any], bool]) -> Callable[[Known], bool]:
    return lambda k: test(k.image.attributes.get(name))


def _on_a_day(test: Callable[[str], bool]) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        if not isinstance(value, str) or value.endswith("x"):
            return False
        return value[:4].isdecimal() and test(value[:10])

    return holds


def _number(test: Callable[[float], bool]) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int | float) and not isinstance(v, bool) and test(v)


def _word(word: str) -> Callable[[Known], bool]:
    wanted = _fold(word)
    return lambda k: (
        wanted in _fold(k.image.name) or wanted in map(_fold, k.tags) or wanted in _label(k)
    )


def _boxes(known: Known, test: Callable[[tuple[str, float, float]], bool]) -> int:
    return sum(map(test, known.measured))


def _measure(name: str, test: Callable[[float], bool]) -> Callable[[Known], bool]:
    return lambda k: name in k.measures and test(k.measures[name])


def _noted(word: str) -> Callable[[Known], bool]:
    return lambda k: word in k.image.note.casefold()


def truths(known: Known) -> set[str]:
    """The classes that people gave the image or its boxes."""
    said = {known.said} if known.said is not None else set()
    return said | {label for label, _ in known.drawn or []}


def correct(known: Known) -> str | None:
    """`yes` or `no` where people and the model said something."""
    if known.prediction is None or known.failed:
        return None
    if known.said is not None:
        return "yes" if _label(known) == _fold(known.said) else "no"
    if known.drawn is None:
        return None
    drawn = sorted((_fold(label), corners) for label, corners in known.drawn)
    return "yes" if drawn == sorted((_fold(label), c) for label, c in known.found) else "no"


def differs(known: Known) -> bool:
    """Whether both models have an answer and not the same one."""
    both = known.prediction is not None and not known.failed and known.other_model
    return both and known.prediction[0] != known.other_label


#: A stored score below it is a fault, as cleanvision has it.
_FAULTY = {"blur": 0.29, "dark": 0.32, "bright": 0.05, "low_contrast": 0.05,
           "low_information": 0.3, "odd_ratio": 0.35, "grey": 0.5}  # fmt: skip


def odd_size(known: Known) -> float:
    """By cleanvision's formula, written out for one image."""
    sides = sorted((k.image.width * k.image.height) ** 0.5 for k in known.world)
    low, high = (float(np.percentile(sides, q)) for q in (25, 75))
    low, high = low - 3 * (high - low), high + 3 * (high - low)
    away = abs((known.image.width * known.image.height) ** 0.5 - (low + high) / 2)
    if low == high:
        return 0.0 if away == 0 else 1 - max(0.0, min(0.49, 1 - away / low))
    return min(1.0, away / (high - low))


def faults(known: Known) -> set[str]:
    """The faults that the scores show."""
    stored = {name: 1 - known.measures[name] for name in _FAULTY if name in known.measures}
    found = {name for name, score in stored.items() if score < _FAULTY[name]}
    return found | ({"odd_size"} if 1 - odd_size(known) < 0.5 else set())


def cosine(known: Known, image_id: int) -> float | None:
    """How similar an image is to another."""
    other = next((k for k in known.world if k.image.id == image_id), None)
    if other is None or other.vector is None or known.vector is None:
        return None
    (a, b), (c, d) = known.vector, other.vector
    return (a * c + b * d) / ((a * a + b * b) * (c * c + d * d)) ** 0.5


def _alike(find: Callable[[Known], bool], test: Callable[[float], bool]) -> Callable[[Known], bool]:
    """As similar to the first image that `find` finds as `test` says."""

    def holds(known: Known) -> bool:
        meant = [k.image.id for k in known.world if find(k)]
        similarity = cosine(known, min(meant)) if meant else None
        return similarity is not None and test(similarity)

    return holds


#: Who has what `has:` asks for.
PRESENT: dict[str, Callable[[Known], bool]] = {
    "tag": lambda k: bool(k.tags),
    "pred": lambda k: bool(_label(k)),
    "box": lambda k: bool(k.boxes),
    "date": lambda k: k.image.captured_at is not None,
    "camera": lambda k: k.image.camera is not None,
    "meta": lambda k: bool(k.image.attributes),
    "exif": lambda k: bool(k.image.exif),
    "note": lambda k: k.image.note != "",
    "truth": lambda k: bool(truths(k)),
    "correct": lambda k: correct(k) is not None,
    "in": lambda k: k.selected,
    "features": lambda k: k.vector is not None,
    "fault": lambda k: bool(faults(k)),
    **{name: (lambda k, name=name: name in k.measures) for name in MEASURES},
}

_D = date(2024, 10, 14)

TERMS: list[tuple[str, Callable[[Known], bool]]] = [
    ("tag:SCRATCH", lambda k: "scratch" in k.tags),
    ('tag:"deep scratch"', lambda k: "Deep Scratch" in k.tags),
    ("tag:흠집", lambda k: "흠집" in k.tags),
    (f"tag:{unicodedata.normalize('NFD', 'ä')}", lambda k: "Ä" in k.tags),
    ("tag:(scratch, reviewed, nowhere)", lambda k: bool({"scratch", "reviewed"} & k.tags)),
    ("tag:nowhere", lambda k: False),
    ("has:tag", lambda k: bool(k.tags)),
    ("no:tag", lambda k: not k.tags),
    ("pred:CAT", lambda k: _label(k) == "cat"),
    ('prediction:("steel drum", dog)', lambda k: _label(k) in ("steel drum", "dog")),
    ("has:pred", lambda k: bool(_label(k))),
    ("conf:>0.5", _confidence(lambda c: c > 0.5)),
    ("conf:>=50%", _confidence(lambda c: c >= 0.5)),
    ("confidence<0.5", _confidence(lambda c: c < 0.5)),
    ("conf:<=0.2", _confidence(lambda c: c <= 0.2)),
    ("conf:0.2..0.7", _confidence(lambda c: 0.2 <= c <= 0.7)),
    ("conf:(0.2, 100%)", _confidence(lambda c: c in (0.2, 1.0))),
    ("model:OTHER", lambda k: k.other_model),
    ("model:own", lambda k: k.prediction is not None),
    ("box:person", lambda k: "person" in k.boxes),
    ("box:tree", lambda k: False),
    ("tag:line", lambda k: bool({"line", "Line/a", "line/a/b"} & k.tags)),
    ("tag:LINE/a", lambda k: bool({"Line/a", "line/a/b"} & k.tags)),
    ("box:dent conf:>0.5", lambda k: _boxes(k, lambda b: b[0] == "dent" and b[1] > 0.5) > 0),
    ("box:dent count:>=2", lambda k: _boxes(k, lambda b: b[0] == "dent") >= 2),
    ("box:dent conf<0.5 area:<10% count:1..2",
     lambda k: 1 <= _boxes(k, lambda b: b[0] == "dent" and b[1] < 0.5 and b[2] < 0.1) <= 2),
    ("box:dent count:0", lambda k: _boxes(k, lambda b: b[0] == "dent") == 0),
    ("box:dent area:(25%, 1) count:<2",
     lambda k: _boxes(k, lambda b: b[0] == "dent" and b[2] == 0.25) < 2),
    ("count:>=3", lambda k: len(k.measured) >= 3),
    ("count:(0, 2)", lambda k: len(k.measured) in (0, 2)),
    ("area:<7%", lambda k: _boxes(k, lambda b: b[2] < 0.07) > 0),
    ('by:"local user"', lambda k: True),
    ("by:nobody", lambda k: False),
    ("exif.iso:>800", lambda k: k.image.exif.get("ISOSpeedRatings", 0) > 800),
    ("exif.software:V2", lambda k: k.image.exif.get("Software") == "v2"),
    ("has:exif.iso", lambda k: "ISOSpeedRatings" in k.image.exif),
    ("no:exif", lambda k: not k.image.exif),
    ("has:meta", lambda k: bool(k.image.attributes)),
    ("ratio:4:3", lambda k: k.image.width * 3 == k.image.height * 4),
    ("ratio:>1.5", lambda k: k.image.width / k.image.height > 1.5),
    ("no:box", lambda k: not k.boxes),
    ("name:A_0", _names("a_0")),
    ('name:"a%0"', _names("a%0")),
    ("name:ÉCOLE", _names("école")),
    ("name:글", _names("글")),
    ('name:"b\\\\c"', _names("b\\c")),
    ("name:*.jpg", _like("*.jpg")),
    ("name:a?0*", _like("a?0*")),
    ("name:(*.png, 카메라)", lambda k: _like("*.png")(k) or _names("카메라")(k)),
    ("date:2024-10-14", lambda k: _day(k) == _D),
    ("date:>2024-10-14", lambda k: _day(k) > _D),
    ("date:>=2024-10", lambda k: _day(k) >= date(2024, 10, 1)),
    ("date:<2024-10-14", lambda k: _day(k) < _D),
    ("date:<=2024-10-14", lambda k: _day(k) <= _D),
    ("date:..2024-10-14", lambda k: _day(k) <= _D),
    ("date:2024-10-14..", lambda k: _day(k) >= _D),
    ("date:2023", lambda k: _day(k).year == 2023),
    ("date:(2023-12-31, 2024)", lambda k: _day(k) == date(2023, 12, 31) or _day(k).year == 2024),
    ("uploaded:2024-10-15", lambda k: _uploaded(k) == date(2024, 10, 15)),
    ("uploaded:>2024-10-15", lambda k: _uploaded(k) > date(2024, 10, 15)),
    ("no:date", lambda k: k.image.captured_at is None),
    ("batch:monday", lambda k: k.batch.name == "Monday"),
    ("batch:1", lambda k: k.batch.id == 1),
    ("batch:3", lambda k: False),
    ("in:mine", lambda k: k.selected),
    ("bytes:>1MB", lambda k: k.image.byte_size > 1_000_000),
    ("size:1MiB", lambda k: k.image.byte_size == 1_048_576),
    ("bytes:..1000kb", lambda k: k.image.byte_size <= 1_000_000),
    ("width:(640, 800)", lambda k: k.image.width in (640, 800)),
    ("width:>640.5", lambda k: k.image.width > 640),
    ("height:480..", lambda k: True),
    ("camera:basler", lambda k: k.image.camera == "Basler"),
    ("has:camera", lambda k: k.image.camera is not None),
    ("format:jpg", lambda k: k.image.format == "JPEG"),
    ("id:(3, 17)", lambda k: k.image.id in (3, 17)),
    ("id:<9223372036854775807", lambda k: True),
    ("meta.line:A-3", _meta("line", lambda v: isinstance(v, str) and v.lower() == "a-3")),
    ("meta.n:2", _meta("n", lambda v: v == "2" or _number(lambda x: x == 2)(v))),
    ("meta.n:>2", _meta("n", _number(lambda x: x > 2))),
    ("meta.n:-1..2", _meta("n", _number(lambda x: -1 <= x <= 2))),
    ("meta.ok:true", _meta("ok", lambda v: v is True or v == "true")),
    ("meta.ok:false", _meta("ok", lambda v: v is False)),
    ("meta.ok:1", lambda k: False),
    ('meta."라인 1":셋', _meta("라인 1", lambda v: v == "셋")),
    ("meta.day:2024-10-14", _meta("day", lambda v: v == "2024-10-14")),
    ("meta.day:>2024-10-14", _meta("day", _on_a_day(lambda d: d > "2024-10-14"))),
    ("meta.day:<=2024-10", _meta("day", _on_a_day(lambda d: d < "2024-11-01"))),
    (
        "meta.day:2024-10-14..2024-11",
        _meta("day", _on_a_day(lambda d: "2024-10-14" <= d < "2024-12")),
    ),
    ("meta.day:..2024-10-31", _meta("day", _on_a_day(lambda d: d <= "2024-10-31"))),
    ("meta.day:>=2024", _meta("day", _number(lambda x: x >= 2024))),
    ("meta.day:2024-10-14..7", _meta("day", lambda v: v == "2024-10-14..7")),
    ("has:meta.line", _meta("line", lambda v: v is not None)),
    ("no:meta.n", _meta("n", lambda v: v is None)),
    *((f"has:{name}", holds) for name, holds in PRESENT.items()),
    *((f"{name}:>0.4", _measure(name, lambda v: v > 0.4)) for name in MEASURES if name != "cluster"
      and name != "duplicate"),
    *((f"fault:{name}", lambda k, name=name: name in faults(k)) for name in (*_FAULTY, "odd_size")),
    ("fault:(BLUR, grey)", lambda k: bool({"blur", "grey"} & faults(k))),
    ("odd_size:>0.5", lambda k: odd_size(k) > 0.5),
    ("odd_size:<=0.5", lambda k: odd_size(k) <= 0.5),
    ("blur:0.5..0.9", _measure("blur", lambda v: 0.5 <= v <= 0.9)),
    ("dark:(1, 0)", _measure("dark", lambda v: v in (0, 1))),
    ("uncertainty:<50%", _measure("entropy", lambda v: v < 0.5)),
    ("cluster:0", _measure("cluster", lambda v: v == 0)),
    ("cluster:(1, 12, 99)", _measure("cluster", lambda v: v in (1, 12))),
    ("duplicate:>=2", _measure("duplicate", lambda v: v >= 2)),
    ("duplicate:1", _measure("duplicate", lambda v: v == 1)),
    ("note:AGAIN", _noted("again")),
    ("note:더", _noted("더")),
    ('note:"100%_"', _noted("100%_")),
    ("note:look*", lambda k: k.image.note == "Look again"),
    ("truth:cat", lambda k: "cat" in map(_fold, truths(k))),
    ("truth:(DENT, dog)", lambda k: bool({"dent", "dog"} & set(map(_fold, truths(k))))),
    ("correct:yes", lambda k: correct(k) == "yes"),
    ("correct:NO", lambda k: correct(k) == "no"),
    ("differs:OTHER", differs),
    ("differs:own", lambda k: False),
    ("differs:nothing", lambda k: False),
    ("differs:(other, own)", differs),
    ("similar:#9", _alike(lambda k: k.image.id == 9, lambda s: s >= 0.8)),
    ("similar:#3>0.5", _alike(lambda k: k.image.id == 3, lambda s: s > 0.5)),
    ("similar:#0099999<0.9", lambda k: False),
    ("similar:#99999999999999999999>0.1", lambda k: False),
    ('similar:"école.PNG" <= 90%',
     _alike(lambda k: k.image.name == "École.png", lambda s: s <= 0.9)),
    ("similar:a_01.jpg>0.9",
     _alike(lambda k: k.image.name == "Line-3/A_01.JPG", lambda s: s > 0.9)),
    ("similar:nowhere.png", lambda k: False),
    ("scratch", _word("scratch")),
    ('"Deep Scratch"', _word("deep scratch")),
    ("drum", _word("drum")),
    ("*.png", lambda k: _like("*.png")(k)),
]  # fmt: skip
