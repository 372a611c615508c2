"""Originals as JPEGs of full size, for what browsers lack or show otherwise than the models see it.

Decoding one takes several times its pixels in memory, so large ones are decoded in a process of
their own, few at once: `python -m core.media.renditions` makes a JPEG on its standard output of the
file on its standard input.
"""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from threading import BoundedSemaphore, Timer
from typing import BinaryIO, cast

import simplejpeg

from core.media.decoding import Refused, decode
from core.media.originals import Original, open_original
from core.media.thumbnails import shrunk
from core.settings import ROOT
from models.processes import end_group

_LONGEST_JPEG = 65_500  # pixels that libjpeg writes in one direction
_SMALL = 2_000_000  # pixels; starting a process takes longer than decoding them
_REFUSED = 3  # the process's exit code; standard output has the reason
_SECONDS = 120.0
_PIECE = 1 << 20
_few_at_once = BoundedSemaphore(2)


def viewable(original: Original, pixels: int) -> BinaryIO:
    """An original as a JPEG of full size, as the models see it, to be read and closed.

    Only what is longer than a JPEG can be is made smaller.

    Args:
        pixels: how many the picture has.

    Raises:
        UserError: the original cannot be read or decoded; the text says why.
    """
    with _few_at_once, open_original(original) as file:
        return io.BytesIO(_jpeg(file.read())) if pixels <= _SMALL else _apart(file)


def _jpeg(data: bytes) -> bytes:
    pixels = shrunk(decode(data, 1 << 30).pixels, _LONGEST_JPEG)
    jpeg: bytes = simplejpeg.encode_jpeg(pixels, quality=95, colorsubsampling="444")
    return jpeg


def _apart(file: BinaryIO) -> BinaryIO:
    # It has no name, so nothing is left of it whatever happens.
    answer = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    try:
        code = _run(file, answer)
        answer.seek(0)
        if code == _REFUSED:
            reason = json.loads(answer.read())
            raise Refused(reason["key"], **reason["params"])
        if code != 0:
            raise Refused("ingest.refused.broken", detail=f"exit code {code}")
    except BaseException:
        answer.close()
        raise
    return answer


def _run(file: BinaryIO, answer: BinaryIO) -> int:
    process = subprocess.Popen(
        [sys.executable, "-m", "core.media.renditions"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    too_long = Timer(_SECONDS, process.kill)
    too_long.start()
    try:
        with suppress(BrokenPipeError):  # it has ended before; its exit code tells
            shutil.copyfileobj(file, process.stdin, _PIECE)
            process.stdin.close()
        return process.wait()
    finally:
        too_long.cancel()
        end_group(process)


def main() -> int:
    """Make the JPEG; the exit code."""
    try:
        sys.stdout.buffer.write(_jpeg(sys.stdin.buffer.read()))
    except Refused as reason:
        sys.stdout.write(json.dumps({"key": reason.key, "params": reason.params}))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
