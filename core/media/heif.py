"""Looks into HEIF files before their decoder does, which ends the process at names of odd bytes.

The decoder's bindings hand the kinds of a file's items to Python as text without asking whether
they are any: of a file with one changed bit that is a segmentation fault.
"""

import re
import struct
from typing import BinaryIO

from core.media.refusal import Refused

#: An entry of the list of items (ISO/IEC 14496-12, 8.11.6), and its version.
_ENTRY = re.compile(rb"infe([\x00-\x03])...", re.DOTALL)
_LONGEST_TEXT = 4096
# More than any camera or program writes, and few enough to be looked at in a moment.
_MOST_ENTRIES, _MOST_BOXES = 65_536, 10_000
_MOST = 1 << 40  # bytes of a box; what is larger goes on to the end of the file


def check_items(file: BinaryIO) -> None:
    """Raise `Refused` where the kind of an item is no text. Reads all but the pictures' data."""
    boxes = 0
    while len(head := file.read(8)) == 8:
        boxes += 1
        if boxes > _MOST_BOXES:
            raise _broken()
        size, kind = struct.unpack(">I4s", head)
        behind = size - 8
        if size == 1:
            behind = int.from_bytes(file.read(8)) - 16
        if kind != b"mdat":
            _check(file.read() if behind < 0 else file.read(min(behind, _MOST)))
        elif behind >= 0:
            file.seek(min(behind, _MOST), 1)
        else:
            return


def _check(box: bytes) -> None:
    # Wherever they lie: how boxes are nested may be read in more than one way.
    for number, entry in enumerate(_ENTRY.finditer(box)):
        version = entry[1][0]
        at = entry.end() + (6 if version == 3 else 4)  # behind number and protection
        kind = b"mime"
        if version >= 2:
            kind, at = box[at : at + 4], at + 4
        texts = [kind]
        if kind == b"mime":
            # Its name, which nobody reads, and the kind of its content.
            named = box.find(b"\0", at, at + _LONGEST_TEXT)
            ended = box.find(b"\0", named + 1, named + 1 + _LONGEST_TEXT)
            if min(named, ended) < 0:
                raise _broken()
            texts.append(box[named + 1 : ended])
        try:
            for text in texts:
                text.decode("utf-8")
        except UnicodeDecodeError:
            raise _broken() from None
        if number == _MOST_ENTRIES:
            raise _broken()


def _broken() -> Refused:
    return Refused("ingest.refused.broken", detail="HEIF: infe")
