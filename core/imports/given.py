"""How much a file beside the images gave them, counted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from core.i18n import t


@dataclass(frozen=True)
class Given:
    """What images have by a file, whether they had it before or not.

    Attributes:
        fields: names of metadata fields.
        tags: names of tags.
        classes: images whose class it says.
        boxes: objects.
        empty: images that hold no object, as it says.
        vectors: images whose feature vector it holds.
    """

    fields: int = 0
    tags: int = 0
    classes: int = 0
    boxes: int = 0
    empty: int = 0
    vectors: int = 0

    def __add__(self, other: "Given") -> "Given":
        ours, theirs = asdict(self), asdict(other)
        return Given(**{name: n + theirs[name] for name, n in ours.items()})

    @classmethod
    def stored(cls, numbers: Mapping[str, object]) -> "Given":
        """Read what `asdict` made, of which an older report has nothing."""
        known = {name: numbers.get(name, 0) for name in asdict(cls())}
        return cls(**{name: n if isinstance(n, int) else 0 for name, n in known.items()})

    def summary(self) -> str:
        """In one line, in the language of this context; empty where there is nothing."""
        parts = [
            t(f"imports.gave.{name}.{'one' if n == 1 else 'many'}", n=f"{n:,}")
            for name, n in asdict(self).items()
            if n
        ]
        return ", ".join(parts)
