"""A chunk of files between decoding and storing: what the model says of the new ones."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from core.analysis.results import Stored, stored_by_hash
from core.database import reading
from core.ingest.take_in import Known, Paged, Seen, TakenIn, TurnedAway, take_in
from models.adapter import Output, VisionModel

Result = TakenIn | Known | TurnedAway


@dataclass(frozen=True)
class Chunk:
    """Files that are ready to be stored.

    Attributes:
        outputs: what the model found, by content hash; empty where there is no model.
    """

    results: list[Result]
    outputs: dict[str, Output]


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Chunks as one, to be stored at once."""
    outputs: dict[str, Output] = {}
    for chunk in chunks:
        outputs.update(chunk.outputs)
    return Chunk([result for chunk in chunks for result in chunk.results], outputs)


def new_images(results: Iterable[Result], known: Container[str]) -> dict[str, TakenIn]:
    """The first file of each content that is not `known`, by content hash."""
    new: dict[str, TakenIn] = {}
    for result in results:
        if isinstance(result, TakenIn) and result.content_hash not in known:
            new.setdefault(result.content_hash, result)
    return new


def analyse(
    results: Sequence[Result | Seen], model: VisionModel | None, known: Container[str]
) -> Chunk:
    """Run the model on the new images; what another project knows is taken from there."""
    if model is None:
        return Chunk([result for result in results if not isinstance(result, Seen)], {})
    seen = {result.content_hash for result in results if isinstance(result, Seen)}
    stored: dict[str, Stored] = {}
    if seen:
        with reading() as session:
            stored = stored_by_hash(session, model.card.key, seen)
    settled = [_settled(result, stored, model, known) for result in results]
    outputs = {content_hash: item.output for content_hash, item in stored.items()}
    prepared = {
        content_hash: taken.prepared
        for content_hash, taken in new_images(settled, known).items()
        if taken.prepared is not None
    }
    if prepared:
        found = model.infer(list(prepared.values()))
        outputs.update(zip(prepared, found, strict=True))
    return Chunk(settled, outputs)


def _settled(
    result: Result | Seen, stored: dict[str, Stored], model: VisionModel, known: Container[str]
) -> Result:
    if not isinstance(result, Seen):
        return result
    item = stored.get(result.content_hash)
    if item is not None:
        return TakenIn(
            result.path,
            result.content_hash,
            result.byte_size,
            item.facts,
            item.scores,
            prepared=None,
            listed=result.entry.listed,
        )
    # The other project was deleted in the meantime.
    again = take_in(result.entry, model, known)
    assert not isinstance(again, Seen | Paged)
    return again
