"""TIFF files by their directories: which pages there are, and each page as a file of its own.

Written after Adobe's TIFF 6.0 and Aware Systems' BigTIFF design. Nothing is decoded here: a page
keeps its compressed data and its tags byte for byte.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from core.media.refusal import Refused

Buffer = bytes | mmap.mmap

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
          17: 8, 18: 8}  # fmt: skip
_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_LONG, _LONG8 = 4, 16
_SUBFILE, _WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 254, 256, 257, 258, 262
_SAMPLES, _PLANAR, _SAMPLE_FORMAT = 277, 284, 339
#: Where a page's data lie, and the tag with their lengths: strips, tiles.
_DATA = {273: 279, 324: 325}
_SUB_DIRECTORIES = (34665, 34853)  # EXIF, GPS
# Directories of other pictures, and whatever else points to places in the file.
_DROPPED = {288, 289, 330, 513, 514, 519, 520, 521, 40965}
_REDUCED_OR_MASK = 0b101  # NewSubfileType: a smaller version, a transparency mask
_MOST_TAGS = 4096


@dataclass(frozen=True)
class Field:
    """A directory's entry: the type's number, how many values, and their bytes."""

    type: int
    count: int
    data: bytes


@dataclass(frozen=True)
class Layout:
    """How a page's pixels are stored; names and numbers are the TIFF tags'."""

    width: int
    height: int
    bits: int
    sample_format: int
    samples: int
    photometric: int
    planar: int


class Tiff:
    """The directories of a TIFF or BigTIFF that lies in `buffer`.

    Raises:
        Refused: from every method, where the file contradicts itself.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._order = "<" if buffer[:2] == b"II" else ">"
        self._big = self._numbers("H", 2, 1)[0] == 43
        #: Bytes of an offset, and the struct code of one.
        self._wide, self._code = (8, "Q") if self._big else (4, "I")

    def pages(self, limit: int) -> list[int]:
        """Offsets of the pages in full size, at most `limit`; smaller versions are no pages.

        Raises:
            Refused: there are more, or the chain of directories is broken.
        """
        return [offset for offset, fields in self._chain(limit) if not self._is_reduced(fields)]

    def layout(self) -> Layout:
        """How the first directory's pixels are stored."""
        fields = self._directory(self._first())[0]

        def value(tag: int, default: int) -> int:
            return max(self._values(fields[tag])) if tag in fields else default

        return Layout(
            value(_WIDTH, 0),
            value(_HEIGHT, 0),
            value(_BITS, 1),
            value(_SAMPLE_FORMAT, 1),
            value(_SAMPLES, 1),
            value(_PHOTOMETRIC, 1),
            value(_PLANAR, 1),
        )

    def page(self, offset: int) -> bytes:
        """The page whose directory is at `offset` as a TIFF of one page.

        Raises:
            Refused: it is broken, or its data are not stored as strips or tiles.
        """
        fields = {t: f for t, f in self._directory(offset)[0].items() if t not in _DROPPED}
        subs = {
            tag: self._directory(self._values(fields.pop(tag))[0])[0]
            for tag in _SUB_DIRECTORIES
            if tag in fields
        }
        kind = next((tag for tag in _DATA if tag in fields), None)
        if kind is None:
            raise _broken("no strips")
        parts = self._parts(fields, kind)
        return self._written(fields, subs, kind, parts)

    def _parts(self, fields: dict[int, Field], kind: int) -> list[bytes]:
        starts = self._values(fields[kind])
        if _DATA[kind] not in fields:
            raise _broken("no strip lengths")
        sizes = self._values(fields[_DATA[kind]])
        # Strips do not overlap; a file that says so would unpack to many times its size.
        if len(starts) != len(sizes) or sum(sizes) > len(self._buffer):
            raise _broken("strip lengths")
        return [self._slice(at, size) for at, size in zip(starts, sizes, strict=True)]

    def _written(
        self,
        fields: dict[int, Field],
        subs: dict[int, dict[int, Field]],
        kind: int,
        parts: list[bytes],
    ) -> bytes:
        head = 16 if self._big else 8
        type_ = _LONG8 if self._big else _LONG
        count = len(parts)
        room = Field(type_, count, bytes(count * self._wide))
        fields = {**fields, kind: room, **{t: Field(type_, 1, bytes(self._wide)) for t in subs}}
        at = head + len(self._serialised(fields, 0))
        blobs = []
        for tag, inner in subs.items():
            fields[tag] = Field(type_, 1, self._pack(self._code, at))
            inner = {t: f for t, f in inner.items() if t not in _DROPPED}
            blobs.append(self._serialised(inner, at))
            at += len(blobs[-1])
        starts = []
        for part in parts:
            starts.append(at)
            at += len(part)
        fields[kind] = Field(type_, count, self._pack(f"{count}{self._code}", *starts))
        mark = b"II" if self._order == "<" else b"MM"
        version = self._pack("HHHQ", 43, 8, 0, head) if self._big else self._pack("HI", 42, head)
        return b"".join([mark, version, self._serialised(fields, head), *blobs, *parts])

    def _serialised(self, fields: dict[int, Field], at: int) -> bytes:
        """A directory that will lie at `at`, its longer values behind it."""
        counter, code = ("Q", "HHQ") if self._big else ("H", "HHI")
        entry = struct.calcsize(self._order + code) + self._wide
        behind = at + struct.calcsize(self._order + counter) + entry * len(fields) + self._wide
        rows, values = [self._pack(counter, len(fields))], []
        for tag, field in sorted(fields.items()):
            data = field.data
            if len(data) > self._wide:
                values.append(data + bytes(-len(data) % 2))
                data = self._pack(self._code, behind)
                behind += len(values[-1])
            rows.append(
                self._pack(code, tag, field.type, field.count) + data.ljust(self._wide, b"\0")
            )
        return b"".join([*rows, bytes(self._wide), *values])

    def _chain(self, limit: int) -> Iterator[tuple[int, dict[int, Field]]]:
        offset, seen = self._first(), set[int]()
        while offset and offset not in seen:
            if len(seen) >= limit:
                raise Refused("ingest.refused.too_many_pages", limit=limit)
            seen.add(offset)
            fields, following = self._directory(offset)
            yield offset, fields
            offset = following

    def _first(self) -> int:
        return self._numbers(self._code, 8 if self._big else 4, 1)[0]

    def _directory(self, offset: int) -> tuple[dict[int, Field], int]:
        """The fields of the directory at `offset`, and where the next one is."""
        counter, width = ("Q", 8) if self._big else ("H", 2)
        count = self._numbers(counter, offset, 1)[0]
        if count > _MOST_TAGS:
            raise _broken("tags")
        entry = 20 if self._big else 12
        fields: dict[int, Field] = {}
        for number in range(count):
            at = offset + width + number * entry
            tag, type_ = self._numbers("H", at, 2)
            values = self._numbers(self._code, at + 4, 1)[0]
            size = _SIZES.get(type_, 0) * values
            place = at + 4 + self._wide
            if size > self._wide:
                place = self._numbers(self._code, place, 1)[0]
            if size:  # fields of unknown types are passed over, as the standard wants it
                fields[tag] = Field(type_, values, self._slice(place, size))
        return fields, self._numbers(self._code, offset + width + count * entry, 1)[0]

    def _is_reduced(self, fields: dict[int, Field]) -> bool:
        return _SUBFILE in fields and bool(self._values(fields[_SUBFILE])[0] & _REDUCED_OR_MASK)

    def _values(self, field: Field) -> tuple[int, ...]:
        code = _CODES.get(field.type)
        if code is None or not field.count:
            raise _broken("type of a tag")
        return struct.unpack(f"{self._order}{field.count}{code}", field.data)

    def _numbers(self, code: str, at: int, count: int) -> tuple[int, ...]:
        code = f"{self._order}{count}{code}"
        return struct.unpack(code, self._slice(at, struct.calcsize(code)))

    def _slice(self, at: int, size: int) -> bytes:
        if at + size > len(self._buffer):
            raise _broken("cut off")
        return self._buffer[at : at + size]

    def _pack(self, code: str, *values: int) -> bytes:
        return struct.pack(self._order + code, *values)


def is_tiff(data: Buffer) -> bool:
    """Whether a file begins as TIFF or BigTIFF files do."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _broken(what: str) -> Refused:
    return Refused("ingest.refused.broken", detail=f"TIFF: {what}")
