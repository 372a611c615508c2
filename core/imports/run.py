"""The files that came with a batch's images: read, matched by name, applied, reported."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy.exc import DataError
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.results import insert_rows
from core.database import reading, writing
from core.errors import UserError
from core.imports.apply import TOO_MANY_BOXES, apply
from core.imports.facts import UNFORESEEN, Fact, NotUnderstood, Problem, Reading, Sidecar
from core.imports.given import Given
from core.imports.names import NameIndex, Unmatched, folded_parts
from core.imports.readers import read_all
from core.imports.tables import ImportProblem
from core.ingest.archives import Entry
from core.ingest.tables import Batch, BatchFile, Outcome
from core.jobs.context import JobContext
from core.media.decoding import Refused
from core.media.tables import Image
from core.settings import settings

_MOST_PROBLEMS = 100_000  # of one file that are listed
_LONGEST_NAME = 300
#: Also what a database takes for no value of its column.
_UNFORESEEN = (*UNFORESEEN, DataError)


@dataclass(frozen=True)
class _Taken:
    """What became of one file."""

    path: str
    #: Format, or None: it was refused.
    kind: str | None
    refused: UserError | None
    images: int
    problems: list[Problem]
    #: Names of images in it, and the first that means none.
    names: int = 0
    missing: str = ""
    given: Given = field(default_factory=Given)


def take_over(context: JobContext, batch: Batch, entries: list[Entry]) -> None:
    """Read the files beside a batch's images and give the images what they say.

    Files with an outcome are passed over, so that it can start over at any moment.

    Raises:
        Cancelled: the job was asked to stop.
    """
    if not entries:
        return
    context.report("imports.stage", 0, len(entries))
    sidecars, taken = _read_entries(entries)
    index = _index(context.viewer, batch)
    boxes: list[tuple[int, Fact]] = []
    for number, (sidecar, reading_) in enumerate(read_all(sidecars), 1):
        context.stop_if_cancelled()
        taken.append(_take_one(context.viewer, batch, index, sidecar, reading_, boxes))
        context.report("imports.stage", number, len(entries))
    by_path = {each.path: each for each in taken}
    unfit: Counter[str] = Counter()
    refused: dict[str, UserError] = {}
    for path, applied in _apply_boxes(context.viewer, batch, boxes):
        if isinstance(applied, UserError):
            refused[path] = applied
            continue
        by_path[path].problems.append(applied)
        # Of too many boxes, none is taken.
        too_many = applied.reason == TOO_MANY_BOXES
        unfit[path] += by_path[path].given.boxes if too_many else 1
    _store_report(batch, (_outcome(each, unfit, refused) for each in taken))


def _apply_boxes(
    viewer: Viewer, batch: Batch, boxes: list[tuple[int, Fact]]
) -> Iterator[tuple[str, Problem | UserError]]:
    """Apply the files of boxes together; yields by path what could not be."""
    try:
        _, problems = apply(viewer, batch.project_id, "", boxes)
    except (UserError, *_UNFORESEEN) as error:
        paths = list(dict.fromkeys(fact.name for _, fact in boxes))
        refusal = _refusal(", ".join(paths[:3]), error)
        yield from ((path, refusal) for path in paths)
    else:
        yield from ((problem.name, problem) for problem in problems)


def _refusal(path: str, error: Exception) -> UserError:
    if isinstance(error, UserError):
        return error
    # Without the statement that a database refused.
    said = error.orig if isinstance(error, DataError) and error.orig is not None else error
    return NotUnderstood.unforeseen(path, said)


def _outcome(taken: _Taken, unfit: Mapping[str, int], refused: Mapping[str, UserError]) -> _Taken:
    """A file, of whose boxes so many by path turned out not to fit, or that is refused."""
    if taken.path in refused:
        return _Taken(taken.path, None, refused[taken.path], 0, taken.problems)
    boxes = max(taken.given.boxes - unfit.get(taken.path, 0), 0)
    return replace(taken, given=replace(taken.given, boxes=boxes))


def _read_entries(entries: Iterable[Entry]) -> tuple[list[Sidecar], list[_Taken]]:
    sidecars: list[Sidecar] = []
    taken: list[_Taken] = []
    limit = settings().max_sidecar_bytes
    for entry in entries:
        try:
            data = entry.read()
            if len(data) > limit:
                raise NotUnderstood("imports.refused.too_large", limit=f"{limit / 1e9:g}")
        except Refused as refused:
            taken.append(_Taken(entry.path, None, refused, 0, []))
        else:
            sidecars.append(Sidecar(entry.path, data))
    return sidecars, taken


def _index(viewer: Viewer, batch: Batch) -> NameIndex:
    """Names of the project's images, and those under which this batch brought them."""
    images = select(Image.name, Image.id).where(
        col(Image.project_id) == batch.project_id, visible_images(viewer)
    )
    brought = (
        select(BatchFile.path, BatchFile.image_id)
        .join(Image, col(Image.id) == col(BatchFile.image_id))
        .where(BatchFile.batch_id == batch.id, visible_images(viewer))
    )
    with reading() as session:
        named = [(name, i) for name, i in session.exec(images) if i is not None]
        here = [(name, i) for name, i in session.exec(brought) if i is not None]
    return NameIndex([*named, *here], {image_id for _, image_id in here})


def _take_one(
    viewer: Viewer,
    batch: Batch,
    index: NameIndex,
    sidecar: Sidecar,
    reading_: Reading | NotUnderstood,
    boxes: list[tuple[int, Fact]],
) -> _Taken:
    """Apply one file; YOLO's, of which there is one an image, wait in `boxes` for the others."""
    if isinstance(reading_, NotUnderstood):
        return _Taken(sidecar.path, None, reading_, 0, [])
    problems = list(reading_.problems)
    try:
        return _apply_one(viewer, batch, index, sidecar, reading_, problems, boxes)
    except (UserError, *_UNFORESEEN) as error:
        return _Taken(sidecar.path, None, _refusal(sidecar.path, error), 0, problems)


def _apply_one(
    viewer: Viewer,
    batch: Batch,
    index: NameIndex,
    sidecar: Sidecar,
    reading_: Reading,
    problems: list[Problem],
    boxes: list[tuple[int, Fact]],
) -> _Taken:
    matched = _matched(reading_.facts, _finder(index, sidecar), problems)
    images = len({image_id for image_id, _ in matched})
    missing = "" if images else next((fact.name for fact in reading_.facts), "")
    taken = _Taken(sidecar.path, reading_.kind, None, images, problems)
    taken = replace(taken, names=len({fact.name for fact in reading_.facts}), missing=missing)
    if reading_.kind == "yolo":
        boxes.extend(matched)
        return replace(taken, given=_drawn(matched))
    given, left_out = apply(viewer, batch.project_id, sidecar.stem, matched)
    problems.extend(left_out)
    return replace(taken, given=given)


def _drawn(matched: list[tuple[int, Fact]]) -> Given:
    """What a file of boxes gives, if all of them lie in their picture."""
    drawn = [fact.boxes for _, fact in matched if fact.boxes is not None]
    return Given(boxes=sum(map(len, drawn)), empty=sum(not boxes for boxes in drawn))


def _finder(index: NameIndex, sidecar: Sidecar) -> Callable[[Fact], int | Unmatched]:
    """What finds the images that a file speaks of."""

    def find(fact: Fact) -> int | Unmatched:
        beside = index.find_beside(fact.beside) if fact.beside else None
        if fact.name == fact.beside and beside is not None:
            return beside
        if isinstance(beside, int) and _stem_of(fact.name) == _stem_of(fact.beside):
            return beside
        found = index.find(fact.name, fact.image_id)
        if isinstance(found, Unmatched) and isinstance(beside, int):
            return beside
        if isinstance(found, Unmatched) and found.images > 1 and sidecar.folder:
            # Of several images those count that lie where the file lies.
            nearer = index.find(f"{sidecar.folder}/{fact.name}")
            found = nearer if isinstance(nearer, int) else found
        return found

    return find


def _stem_of(name: str) -> str:
    return (folded_parts(name) or ("",))[-1].rpartition(".")[0]


def _matched(
    facts: Iterable[Fact], find: Callable[[Fact], int | Unmatched], problems: list[Problem]
) -> list[tuple[int, Fact]]:
    """The facts whose image was found; the others join the problems."""
    matched: list[tuple[int, Fact]] = []
    for fact in facts:
        found = find(fact)
        if isinstance(found, Unmatched):
            problems.append(_unmatched(fact, found))
        else:
            matched.append((found, fact))
    return matched


def _unmatched(fact: Fact, found: Unmatched) -> Problem:
    if found.images > 1:
        params: dict[str, object] = {"n": found.images}
        return Problem(fact.name, fact.place, "imports.problem.many_images", params)
    if found.nearest is not None:
        params = {"nearest": found.nearest}
        return Problem(fact.name, fact.place, "imports.problem.other_folder", params)
    return Problem(fact.name, fact.place, "imports.problem.no_image")


def _store_report(batch: Batch, taken: Iterable[_Taken]) -> None:
    assert batch.id is not None
    with writing() as session:
        query = select(BatchFile.path).where(BatchFile.batch_id == batch.id)
        done = set(session.exec(query))
        for each in taken:
            if each.path not in done:
                _store_file(session, batch.id, each)


def _store_file(session: Session, batch_id: int, taken: _Taken) -> None:
    file = BatchFile(batch_id=batch_id, path=taken.path, outcome=Outcome.REFUSED)
    if taken.refused is not None:
        file.reason, file.reason_params = taken.refused.key, _storable_params(taken.refused.params)
    else:
        file.outcome, file.reason = Outcome.APPLIED, f"imports.kind.{taken.kind}"
        notes = sum(problem.is_note for problem in taken.problems)
        file.reason_params = {
            "images": taken.images,
            "names": taken.names,
            "missing": _storable(taken.missing),
            "problems": len(taken.problems) - notes,
            "notes": notes,
            **asdict(taken.given),
        }
    session.add(file)
    session.flush()
    rows: list[dict[str, Any]] = [
        {
            "batch_file_id": file.id,
            "name": _storable(problem.name),
            "place": _storable(problem.place),
            "reason": problem.reason,
            "reason_params": _storable_params(problem.params),
        }
        for problem in taken.problems[:_MOST_PROBLEMS]
    ]
    insert_rows(session, ImportProblem, rows)


def _storable_params(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: _storable(value) for name, value in params.items()}


def _storable(value: Any) -> Any:
    """What a file says, so that every database takes it: no NUL, no half character, not endless."""
    if not isinstance(value, str):
        return value
    text = value.encode(errors="replace").decode().replace("\0", "�")
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
