"""Mutated files of every format: an image or a known refusal, never a crash, a hang or a leak.

`DATAG_TEST_FUZZ=20` runs twenty times as many cases.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.i18n import catalogue
from core.settings import ROOT

_ROUNDS, _SEED = 600, 20241014
_HANGS = 120  # seconds without a word; a case takes milliseconds


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="counts memory by /proc")
def test_mutated_files_never_do_harm() -> None:
    rounds = _ROUNDS * int(os.environ.get("DATAG_TEST_FUZZ", "1"))
    known = {"image", *(key for key in catalogue("en") if key.startswith("ingest.refused."))}
    seen: dict[str, Counter[str]] = {}
    used: dict[str, dict[str, float]] = {}
    case: Any = None
    for line in lines(rounds):
        if "case" in line:
            case = line["case"]
        elif "outcomes" in line:
            assert set(line["outcomes"]) <= known, case
            if case[2] == 0:
                assert set(line["outcomes"]) == {"image"}, f"{case[0]} is whole"
            seen.setdefault(case[0].split()[0], Counter()).update(line["outcomes"])
        else:
            used.update(line)
    assert set(seen) == {"jpeg", "png", "webp", "tiff", "bmp", "gif", "heic", "zip", "tar"}
    for format_, found in seen.items():
        assert found["image"] > 1 and len(found) > 1, (format_, found)
    assert used["end"]["files"] == used["half"]["files"]
    assert used["end"]["mb"] - used["half"]["mb"] < 60
    assert used["end"]["peak_mb"] < 600


def lines(rounds: int) -> list[dict[str, Any]]:
    """What the reading process says; fails where it dies or hangs, with the case that did it."""
    command = [sys.executable, "-m", "tests.core.media.fuzzed", str(rounds), str(_SEED)]
    found: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors) as process,
        selectors.DefaultSelector() as selector,
    ):
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        selector.register(process.stdout, selectors.EVENT_READ)
        rest = b""
        while True:
            if not selector.select(_HANGS):
                process.kill()
                pytest.fail(f"hangs at {found[-1:]}")
            block = process.stdout.read(1 << 16)
            if not block:
                break
            *whole, rest = (rest + block).split(b"\n")
            found.extend(json.loads(line) for line in whole)
        process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    assert process.returncode == 0, f"{found[-1:]}\n{said[-3000:]}"
    return found
