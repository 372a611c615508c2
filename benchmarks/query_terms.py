"""Random queries, each in three languages: DATAG's, DuckDB's SQL, and pandas."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.query_world import LABELS, OBJECTS, TAG_SHARES, World

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Query:
    """One question in three languages."""

    text: str
    sql: str
    mask: Callable[[World], Mask]


def random_queries(n: int, seed: int) -> list[Query]:
    """`n` queries of one to five terms with AND, OR and NOT, always the same for a seed."""
    chance = random.Random(seed)
    return [_query(chance, chance.randint(1, 5)) for _ in range(n)]


def _query(chance: random.Random, terms: int) -> Query:
    if terms == 1:
        term = _term(chance)
        return _negated(term) if chance.random() < 0.25 else term
    left = chance.randint(1, terms - 1)
    one, other = _query(chance, left), _query(chance, terms - left)
    if chance.random() < 0.6:
        return Query(
            f"({one.text} AND {other.text})",
            f"({one.sql} AND {other.sql})",
            lambda world: one.mask(world) & other.mask(world),
        )
    return Query(
        f"({one.text} OR {other.text})",
        f"({one.sql} OR {other.sql})",
        lambda world: one.mask(world) | other.mask(world),
    )


def _negated(part: Query) -> Query:
    return Query(f"NOT {part.text}", f"(NOT {part.sql})", lambda world: ~part.mask(world))


def _term(chance: random.Random) -> Query:
    return chance.choice([_tag, _tag, _tag, _pred, _conf, _box, _width, _bytes, _date, _line,
                          _pressure])(chance)  # fmt: skip


def _column(text: str, sql: str, mask: Callable[[World], object]) -> Query:
    return Query(text, f"({sql})", lambda world: np.asarray(mask(world), dtype=bool))


def _tag(chance: random.Random) -> Query:
    tag = chance.choice(list(TAG_SHARES))
    return _column(f"tag:{tag}", f'"{tag}"', lambda world: world.images[tag])


def _pred(chance: random.Random) -> Query:
    label = chance.choice(LABELS)
    return _column(
        f'pred:"{label}"', f"label = '{label}'", lambda world: world.images["label"] == label
    )


def _conf(chance: random.Random) -> Query:
    least = round(chance.random(), 2)
    return _column(
        f"conf:>{least}", f"confidence > {least}", lambda world: world.images["confidence"] > least
    )


def _box(chance: random.Random) -> Query:
    label = chance.choice(OBJECTS)

    def mask(world: World) -> object:
        having = world.boxes["image_id"][world.boxes["label"] == label]
        return world.images["id"].isin(having)

    return _column(
        f"box:{label}", f"id IN (SELECT image_id FROM boxes WHERE label = '{label}')", mask
    )


def _width(chance: random.Random) -> Query:
    least = chance.choice([1000, 1500, 4000])
    return _column(
        f"width:>={least}", f"width >= {least}", lambda world: world.images["width"] >= least
    )


def _bytes(chance: random.Random) -> Query:
    most = chance.randint(50_000, 8_000_000)
    return _column(
        f"bytes:<{most}", f"byte_size < {most}", lambda world: world.images["byte_size"] < most
    )


def _date(chance: random.Random) -> Query:
    month = f"2024-{chance.randint(1, 12):02d}"

    def mask(world: World) -> object:
        captured = world.images["captured_at"].dt
        return (captured.year == 2024) & (captured.month == int(month[-2:]))

    return _column(f"date:{month}", f"strftime(captured_at, '%Y-%m') = '{month}'", mask)


def _line(chance: random.Random) -> Query:
    line = f"A-{chance.randint(1, 8)}"
    return _column(
        f'meta.line:"{line}"', f"line = '{line}'", lambda world: world.images["line"] == line
    )


def _pressure(chance: random.Random) -> Query:
    least = round(chance.gauss(2.5, 0.6), 2)
    return _column(
        f"meta.pressure:>{least}",
        f"pressure > {least}",
        lambda world: world.images["pressure"] > least,
    )
