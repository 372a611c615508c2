"""The SQL of queries, on both databases."""

import re

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from core import tables  # noqa: F401 - the terms refer to many tables
from core.projects.tables import Project
from core.search import condition, parse
from core.search.compiler import is_sql
from tests.core.search.oracle import TERMS

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}
PROJECT = Project(id=1, name="p", model_key="own", created_by=1)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", [text for text, _ in TERMS])
def test_every_term_compiles_or_is_calculated_from_all_images(text, dialect):
    if is_sql(parse(text)):
        assert str(condition(parse(text), PROJECT).compile(dialect=DIALECTS[dialect]))
    else:
        assert re.match("similar|correct|fault|odd_size|has:(correct|fault)", text)
        with pytest.raises(TypeError):
            condition(parse(f"tag:a OR NOT {text}"), PROJECT)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "field",
    ["tag", "pred", "box", "model", "name", "batch", "in", "camera", "format", "meta.x", "text",
     "note", "truth", "differs", "by"],
)  # fmt: skip
def test_values_are_bound_never_written_into_the_sql(field, dialect):
    nested = f'{field}:"x\'; DROP 77"'
    for _ in range(25):
        nested = f"-(id:1 or (id:2 {nested}))"
    compiled = condition(parse(nested), PROJECT).compile(dialect=DIALECTS[dialect])
    assert "DROP" not in str(compiled).upper()
    assert any("77" in str(value) for value in compiled.params.values())


@pytest.mark.parametrize(
    ("text", "like", "glob"),
    [
        ('name:"50%_\\\\"', "%50\\%\\_\\\\%", "*50%_\\*"),
        ("name:a*2?", "a%2_", "[Aa]*2?"),
        ("camera:[a*]?", "[a*]?", "[[][Aa][*]][?]"),
    ],
)
def test_wildcards_of_the_database_are_escaped(text, like, glob):
    compiled = condition(parse(text), PROJECT).compile
    assert like in compiled(dialect=DIALECTS["postgresql"]).params.values()
    assert glob in compiled(dialect=DIALECTS["sqlite"]).params.values()
