"""Which image a name in a file means."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: Label Studio puts eight hexadecimal digits in front of the names of uploaded files.
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")
#: Folders of labels, each with the folder of images that data sets keep beside it.
_BESIDE = (
    ("labels", "images"),
    ("annotations", "jpegimages"),
    ("annotations", "images"),
    ("xmls", "images"),
)
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
        self._by_uploaded: dict[str, set[int]] | None = None
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

        Where there is none, a name as Label Studio gives to an uploaded file also means the image
        that had been uploaded. `image_id` is the image's number where the name comes with one: it
        decides between images of this name.
        """
        parts = folded_parts(name)
        found = self._find(parts, image_id)
        if isinstance(found, Unmatched) and found.images == 0 and parts:
            uploaded = _UPLOADED.match(parts[-1])
            if uploaded is not None:
                return self._find_uploaded((*parts[:-1], parts[-1][uploaded.end() :]), found)
        return found

    def _find_uploaded(self, parts: tuple[str, ...], otherwise: Unmatched) -> int | Unmatched:
        found = self._find(parts, None)
        if not (isinstance(found, Unmatched) and found.images == 0):
            return found
        # What is neither letter, digit, `_`, `-` nor point does not survive the upload.
        if self._by_uploaded is None:
            self._by_uploaded = defaultdict(set)
            for image_id, name in self._names.items():
                self._by_uploaded[_as_uploaded(folded_parts(name)[-1])].add(image_id)
        candidates = self._by_uploaded.get(parts[-1], set())
        chosen = candidates & self._preferred or candidates
        if len(chosen) == 1:
            return next(iter(chosen))
        return Unmatched(len(chosen)) if chosen else otherwise

    def _find(self, parts: tuple[str, ...], image_id: int | None) -> int | Unmatched:
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

        Data sets for YOLO keep `labels/train/1.txt` for `images/train/1.jpg`, Pascal VOC
        `Annotations/1.xml` for `JPEGImages/1.jpg`.
        """
        parts = folded_parts(path)
        stem = (*parts[:-1], _stem(parts[-1]))
        if not parts:
            return Unmatched(0)
        swapped = [
            tuple(beside if part == folder else part for part in stem)
            for folder, beside in _BESIDE
            if folder in stem[:-1]
        ]
        for each in (stem, *swapped):
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
            if len(chosen) > 1:
                folder = "/".join(below_archive(parts)[:-1])
                chosen = {i for i in chosen if folder in self._folders[i]} or chosen
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


def _as_uploaded(name: str) -> str:
    """A file's name as web servers make it safe: Django's `get_valid_filename`."""
    return re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_"))


def _stem(name: str) -> str:
    dot = name.rfind(".")
    return name[:dot] if dot > 0 else name


def _tails(parts: tuple[str, ...]) -> Iterable[str]:
    for at in range(len(parts)):
        yield "/".join(parts[at:])
