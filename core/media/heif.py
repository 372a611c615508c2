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
_LONGEST_NAME = 4096
_MOST = 1 << 40  # bytes of a box; what is larger goes on to the end of the file


def check_items(file: BinaryIO) -> None:
    """Raise `Refused` where the kind of an item is no text. Reads all but the pictures' data."""
    while len(head := file.read(8)) == 8:
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
    for entry in _ENTRY.finditer(box):
        version = entry[1][0]
        at = entry.end() + (6 if version == 3 else 4)  # behind number and protection
        kind = b"mime"
        if version >= 2:
            kind, at = box[at : at + 4], at + 4
        texts = [kind]
        if kind == b"mime":
            # Its name, which nobody reads, and the kind of its content.
            texts += box[at : at + 2 * _LONGEST_NAME].split(b"\0", 2)[1:2]
        try:
            for text in texts:
                text.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("ingest.refused.broken", detail="HEIF: infe") from None
