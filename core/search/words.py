"""Which of the words that occur are meant by those of a term: as the compiler's conditions say."""

from collections.abc import Callable, Sequence
from typing import Any

from core.curation.names import fold
from core.search.fields import FieldType
from core.search.patterns import whole
from core.search.terms import READERS
from core.search.textual import FORMATS

#: Fields whose words are compared here; for others the database is asked.
WORDED = (
    "tag", "pred", "box", "model", "in", "camera", "format", "truth", "correct", "fault",
)  # fmt: skip


def is_word(field: str, values: Sequence[str]) -> Callable[[str], bool]:
    """Whether a word that an image has is one of `values` of a term of one of WORDED."""
    if field in ("tag", "in"):
        folded = tuple(map(fold, values))
        # `defect` also stands for `defect/scratch` and whatever else is below it.
        below = tuple(f"{each}/" for each in folded) if field == "tag" else ()
        return lambda word: fold(word) in folded or fold(word).startswith(below)
    if field == "format":
        values = [FORMATS.get(value.lower(), value) for value in values]
    patterns = [whole(value) for value in values]
    return lambda word: any(each.fullmatch(word) for each in patterns)


def is_value(values: Sequence[str]) -> Callable[[str, Any], bool]:
    """Whether an attribute of a kind and a value is one of `values` of a term."""
    patterns = [whole(value) for value in values]
    truths = {value.lower() for value in values} & {"true", "false"}
    numbers = set()
    for value in values:
        try:
            numbers.add(READERS[FieldType.ATTRIBUTE](value))
        except ValueError:
            continue

    def fits(kind: str, value: Any) -> bool:
        if kind == "string":
            return any(each.fullmatch(value) for each in patterns)
        return value in numbers if kind == "number" else kind in truths

    return fits
