"""A process of its own for files that nobody has vouched for, and for what takes much memory.

`python -m models.sandbox REQUEST ANSWER` reads what to do from one JSON file and writes what came
of it to another. Whatever a file does to the libraries that read it, only this process ends; the
worker goes on and says so. Its memory is limited where the system can do that, and it ends with
the process that started it, which holds the other end of its standard input.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, OwnFile, Recipe, WeightsSource
from models.errors import FetchCancelled, ModelError, UnusableFile
from models.processes import end_group

_POLL_SECONDS = 0.1
_SPARE_BYTES = 6 << 30  # for the libraries and a network's intermediate results
_COPIES = 8  # of the weights, which conversion makes
_KILLED = -9  # by SIGKILL, the system's way to end what takes the last of its memory
# How OpenVINO, torch and the system say that memory ran out, where they raise no MemoryError.
_OUT_OF_MEMORY = ("bad_alloc", "allocate memory", "not enough memory", "failed to map segment")


def inspect_apart(
    path: Path,
    architecture: str | None,
    cancelled: Callable[[], bool] = lambda: False,
    seconds: float = 300.0,
) -> dict[str, Any]:
    """`inspection.inspect` in a process of its own; `Facts` as JSON.

    Raises:
        UnusableFile: the file is not usable, crashed its reader, or took too long or much memory.
        FetchCancelled: `cancelled` said so.
    """
    request = {"do": "inspect", "path": str(path), "architecture": architecture}
    return _ask(request, path, cancelled, seconds)


def export_apart(
    path: Path,
    target: Path,
    cancelled: Callable[[], bool] = lambda: False,
    seconds: float = 600.0,
) -> None:
    """`ultralytics_file.export_onnx` in a process of its own.

    Raises the same as `inspect_apart`.
    """
    _ask({"do": "export", "path": str(path), "target": str(target)}, path, cancelled, seconds)


def convert_apart(
    card: ModelCard,
    path: Path,
    target: Path,
    cancelled: Callable[[], bool] = lambda: False,
    seconds: float = 1200.0,
) -> None:
    """`conversion.write_graph` in a process of its own.

    Raises the same as `inspect_apart`.
    """
    request = {"do": "convert", "path": str(path), "target": str(target), "card": asdict(card)}
    _ask(request, path, cancelled, seconds)


def try_apart(
    card: ModelCard,
    path: Path,
    cache_dir: Path,
    pictures: Sequence[NDArray[np.uint8]],
    cancelled: Callable[[], bool] = lambda: False,
    seconds: float = 600.0,
) -> dict[str, Any]:
    """`trial.try_model` in a process of its own; `Trial` as JSON.

    Raises the same as `inspect_apart`.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "pictures.npz"
        np.savez(saved, *pictures)
        request = {
            "do": "try",
            "path": str(path),
            "cache": str(cache_dir),
            "card": asdict(card),
            "pictures": str(saved),
        }
        return _ask(request, path, cancelled, seconds)


def _ask(
    request: dict[str, Any], path: Path, cancelled: Callable[[], bool], seconds: float
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        limit = _SPARE_BYTES + _COPIES * path.stat().st_size
        asked.write_text(json.dumps({**request, "memory": limit}), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "models.sandbox", str(asked), str(answer)],
            cwd=Path(__file__).parent.parent,
            env=os.environ | {"PYTHONPATH": _python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait(process, cancelled, seconds)
        try:
            found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            reason = "killed" if process.returncode == _KILLED else "crashed"
            raise UnusableFile(reason, code=process.returncode) from None
    if "error" in found:
        raise UnusableFile(**found["error"])
    return found


def _python_path() -> str:
    root = str(Path(__file__).parent.parent)
    return os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))


def _wait(
    process: "subprocess.Popen[bytes]", cancelled: Callable[[], bool], seconds: float
) -> None:
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if cancelled():
                raise FetchCancelled(model="")
            if time.monotonic() > deadline:
                raise UnusableFile("too_slow", seconds=f"{seconds:.0f}")
            time.sleep(_POLL_SECONDS)
    finally:
        end_group(process)
        if process.stdin is not None:
            process.stdin.close()


def _limit_memory(limit: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _card(fields: dict[str, Any]) -> ModelCard:
    source, recipe = fields["source"], fields["recipe"]
    if recipe is not None:
        recipe = Recipe(**recipe | {name: tuple(recipe[name]) for name in ("mean", "std")})
    return ModelCard(
        **{
            **fields,
            "source": WeightsSource(**source) if "package" in source else OwnFile(**source),
            "recipe": recipe,
            "input_size": tuple(fields["input_size"]),
            "own_classes": tuple(fields["own_classes"]),
        }
    )


def _do(request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    if request["do"] == "inspect":
        from models.inspection import inspect

        return asdict(inspect(path, request["architecture"]))
    if request["do"] == "export":
        from models.ultralytics_file import export_onnx

        export_onnx(path, Path(request["target"]))
        return {}
    if request["do"] == "convert":
        from models.conversion import write_graph

        write_graph(_card(request["card"]), path, Path(request["target"]))
        return {}
    from models.trial import try_model

    with np.load(request["pictures"]) as saved:
        pictures = [saved[name] for name in saved.files]
    return asdict(try_model(_card(request["card"]), path, Path(request["cache"]), pictures))


def _told(error: Exception) -> dict[str, object]:
    """Parameters of the `UnusableFile` that says what happened."""
    text = str(error.params.get("detail", "") if isinstance(error, ModelError) else error).strip()
    if isinstance(error, MemoryError) or any(sign in text for sign in _OUT_OF_MEMORY):
        return {"reason": "too_much_memory"}
    if isinstance(error, ModelError):
        return error.params
    detail = f"{type(error).__name__}: {(text.splitlines() or [''])[-1]}"
    return {"reason": "not_readable", "detail": detail[:300]}


def _end_with_starter() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Do what the request file says."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    _limit_memory(request["memory"])
    threading.Thread(target=_end_with_starter, daemon=True).start()
    try:
        found = _do(request)
    except Exception as error:
        found = {"error": _told(error)}
    answer = Path(sys.argv[2])
    partial = answer.with_suffix(".part")
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(answer)


if __name__ == "__main__":
    main()
