"""A peer in a process of its own that answers each line of JSON with one."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any


class Answering:
    """A context: the peer's process, once it has said that it is ready.

    Args:
        command: what to run, in the project's folder.
        env: further environment variables.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._command, self._env = list(command), {**os.environ, **(env or {})}

    def __enter__(self) -> "Answering":
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            env=self._env,
        )
        #: What it said when it was ready.
        self.about = self._answer()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def ask(self, question: object) -> dict[str, Any]:
        """Its answer. Raises RuntimeError when it has ended."""
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._command[:3]} has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer
