"""What Python takes for the same word is what the databases do."""

import unicodedata

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search.patterns import contains, equals, inside, whole

LETTERS = st.text(st.sampled_from("aAbBzß[]^-*?\\.%_éÉöÖ한글ǅſ \n"), min_size=1, max_size=5)
MEMORY = sa.create_engine("sqlite://")
FORMS = st.sampled_from(["NFC", "NFD"])


@settings(max_examples=200, deadline=None)
@given(LETTERS, LETTERS, FORMS, st.booleans())
def test_python_and_sqlite_agree_on_what_a_word_is(text, other, form, same):
    word = unicodedata.normalize(form, text.swapcase() if same else other)
    with MEMORY.connect() as connection:
        ask = sa.select(equals(sa.literal(word), text), contains(sa.literal(word), text))
        is_same, holds = connection.execute(ask).one()
    assert bool(whole(text).fullmatch(word)) == bool(is_same)
    assert bool(inside(text).fullmatch(word)) == bool(holds)
