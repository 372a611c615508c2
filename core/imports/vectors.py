"""Feature vectors in a NumPy file, with the images' names in a list beside it."""

import io
import tokenize

import numpy as np
import numpy.typing as npt

from core.imports.facts import Fact, NotUnderstood, Problem, Reading, Sidecar, text_of

# What NumPy lets through of a header that is not what it wrote, among others.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    RecursionError,
    MemoryError,
    OSError,
    EOFError,
    SyntaxError,
    tokenize.TokenError,
)
_LISTS = ("names.txt", "filenames.txt", "files.txt", "paths.txt")


def names_beside(vectors: Sidecar, others: list[Sidecar]) -> Sidecar | None:
    """The list of names of a `.npy`: same name with `.txt`, or `names.txt` in its folder."""
    in_folder = [each for each in others if each.folder == vectors.folder]
    for wanted in (f"{vectors.stem}.txt", *_LISTS):
        for each in in_folder:
            if each.path.rpartition("/")[2].lower() == wanted.lower():
                return each
    return None


def read_vectors(sidecar: Sidecar, names: Sidecar | None) -> Reading:
    """A feature vector for each name of the list, in its order.

    Raises:
        NotUnderstood: the file holds no matrix of numbers, there is no list, or it has another
            length.
    """
    matrix = _matrix(sidecar)
    if names is None:
        raise NotUnderstood("imports.refused.no_name_list", name=f"{sidecar.stem}.txt")
    listed = text_of(names).splitlines()
    while listed and not listed[-1].strip():
        listed.pop()
    if len(listed) != len(matrix):
        raise NotUnderstood(
            "imports.refused.name_list_length",
            name=names.path, names=len(listed), vectors=len(matrix),
        )  # fmt: skip
    facts: list[Fact] = []
    problems: list[Problem] = []
    for row, (name, vector) in enumerate(zip(listed, matrix, strict=True), 1):
        if np.isfinite(vector).all():
            facts.append(Fact(name.strip(), str(row), vector=vector))
        else:
            problems.append(Problem(name.strip(), str(row), "imports.problem.not_finite"))
    return Reading(sidecar.path, "vectors", facts, problems)


def _matrix(sidecar: Sidecar) -> npt.NDArray[np.float32]:
    """float32 (N, D)."""
    try:
        # Never unpickled: an array of objects could run code. Nor unzipped, as `np.load` would.
        loaded = np.lib.format.read_array(io.BytesIO(sidecar.data), allow_pickle=False)
    except _UNREADABLE as error:
        raise NotUnderstood("imports.refused.no_array", detail=str(error)[:200]) from None
    if loaded.ndim != 2 or loaded.dtype.kind not in "fiu":
        raise NotUnderstood("imports.refused.no_matrix", shape=str(loaded.shape))
    with np.errstate(over="ignore"):
        return loaded.astype(np.float32)
