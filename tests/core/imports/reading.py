"""Reading one file as it comes beside images."""

from core.imports.facts import NotUnderstood, Reading, Sidecar
from core.imports.readers import read_all


def read(path: str, data: bytes | str, **others: bytes | str) -> Reading:
    """One file read, with others beside it (`classes_txt` for `classes.txt`)."""
    folder = path.rpartition("/")[0]
    files = {path: data} | {
        f"{folder}/{name.replace('_', '.')}".lstrip("/"): text for name, text in others.items()
    }
    sidecars = [
        Sidecar(name, text.encode() if isinstance(text, str) else text)
        for name, text in files.items()
    ]
    found = {sidecar.path: reading for sidecar, reading in read_all(sidecars)}[path]
    if isinstance(found, NotUnderstood):
        raise found
    return found


def withstands(*sidecars: Sidecar) -> bool:
    """Whether all of these are read or refused for a reason that a reader knows."""
    found = [reading for _, reading in read_all(list(sidecars))]
    return len(found) == len(sidecars) and all(
        isinstance(each, Reading) or each.key != "imports.refused.unforeseen" for each in found
    )
