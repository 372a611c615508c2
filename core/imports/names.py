"""Which image a name in a file means."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Unmatched:
    """A name that means no image, or more than one.

    Attributes:
        images: how many images it may mean.
        nearest: an image's name whose last part is the same; None: there is none.
    """

    images: int
    nearest: str | None = None


class NameIndex:
    """Finds images by file names that may have more or fewer folders than the images' own.

    Case, the composition of accents and Korean syllables, and the kind of slash do not matter.
    """

    def __init__(self, images: Iterable[tuple[str, int]], preferred: Iterable[int] = ()) -> None:
        """Build the index.

        Args:
            images: names, each with its image's id; an image may have several names.
            preferred: ids that win where a name may mean several images, e.g. those of one batch.
        """
        self._preferred = set(preferred)
        #: Every tail of a name's path, e.g. `b/1.jpg` and `1.jpg` of `a/b/1.jpg`.
        self._by_tail: defaultdict[str, set[int]] = defaultdict(set)
        self._by_stem: defaultdict[str, set[int]] = defaultdict(set)
        self._names: dict[int, str] = {}
        self._folders: defaultdict[int, set[str]] = defaultdict(set)
        for name, image_id in images:
            self._names.setdefault(image_id, name)
            parts = folded_parts(name)
            for tail in _tails(parts):
                self._by_tail[tail].add(image_id)
            for tail in _tails((*parts[:-1], _stem(parts[-1]))):
                self._by_stem[tail].add(image_id)
            self._folders[image_id].add("/".join(below_archive(parts)[:-1]))

    def find(self, name: str, image_id: int | None = None) -> int | Unmatched:
        """The image of a name; one without an ending also means images that have one.

        `image_id` is the image's number where the name comes with one: it decides between images
        of this name.
        """
        parts = folded_parts(name)
        if not parts:
            return Unmatched(0)
        if image_id is not None and image_id in self._by_tail.get("/".join(parts), ()):
            return image_id
        found = self._among(self._by_tail, parts)
        if isinstance(found, Unmatched) and found.images == 0 and _stem(parts[-1]) == parts[-1]:
            found = self._among(self._by_stem, parts)
        return found

    def find_beside(self, path: str) -> int | Unmatched:
        """The image that a file of its own describes: same stem, same folder or the usual other.

        Data sets for YOLO keep `labels/train/1.txt` for `images/train/1.jpg`.
        """
        parts = folded_parts(path)
        stem = (*parts[:-1], _stem(parts[-1]))
        tries = [stem, tuple("images" if part == "labels" else part for part in stem)]
        for each in tries:
            found = self._among(self._by_stem, each)
            if not (isinstance(found, Unmatched) and found.images == 0):
                return found
        return found

    def _among(self, index: dict[str, set[int]], parts: tuple[str, ...]) -> int | Unmatched:
        nearest: str | None = None
        for at in range(len(parts)):
            candidates = index.get("/".join(parts[at:]))
            if not candidates:
                continue
            fitting = {i for i in candidates if self._folder_fits(i, parts[:-1], len(parts) - at)}
            if not fitting:
                nearest = self._names[min(candidates)]
                continue
            chosen = fitting & self._preferred or fitting
            return next(iter(chosen)) if len(chosen) == 1 else Unmatched(len(chosen))
        return Unmatched(0, nearest)

    def _folder_fits(self, image_id: int, folders: tuple[str, ...], agreeing: int) -> bool:
        """Whether the parts before the agreeing ones contradict: both sides have some."""
        if agreeing > len(folders):
            return True
        # One folder or more in the name is not in the image's: right only where it has none left.
        return any(
            (folder.count("/") + 1 if folder else 0) < agreeing
            for folder in self._folders[image_id]
        )


def folded_parts(name: str) -> tuple[str, ...]:
    """A name's folders and last part, as they are compared."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())
    return tuple(p for p in folded.replace("\\", "/").split("/") if p not in ("", ".", ".."))


def below_archive(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts inside the innermost archive: `set.zip` is no folder of the data set."""
    inside = [at for at, part in enumerate(parts[:-1], 1) if part.lower().endswith(_ARCHIVES)]
    return parts[max(inside, default=0) :]


def _stem(name: str) -> str:
    dot = name.rfind(".")
    return name[:dot] if dot > 0 else name


def _tails(parts: tuple[str, ...]) -> Iterable[str]:
    for at in range(len(parts)):
        yield "/".join(parts[at:])
