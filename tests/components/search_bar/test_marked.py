"""How the wrong place of a query is shown, and what the chart shows of hostile values."""

import html
import re

import pytest

from components.search_bar import marked
from components.search_bar.distribution import bars


def parts(text: str, column: int, length: int) -> tuple[str, str, str]:
    match = re.fullmatch(
        r"<pre[^>]*>(.*)<mark[^>]*>(.*)</mark>(.*)</pre>", marked(text, column, length)
    )
    assert match is not None
    before, wrong, after = map(html.unescape, match.groups())
    return before, wrong, after


@pytest.mark.parametrize(
    ("text", "column", "length", "shown"),
    [
        ("tag:a AND cnof:>1", 11, 4, ("tag:a AND ", "cnof", ":>1")),
        ("<b>&", 1, 3, ("", "<b>", "&")),
        ("태그 x", 4, 1, ("태그 ", "x", "")),
        ("tag:", 5, 1, ("tag:", "\xa0", "")),
        ("", 1, 1, ("", "\xa0", "")),
    ],
)
def test_the_wrong_place_is_marked(
    text: str, column: int, length: int, shown: tuple[str, str, str]
) -> None:
    assert parts(text, column, length) == shown


def test_of_a_long_query_the_neighbourhood_is_shown() -> None:
    before, wrong, after = parts("a" * 500 + "X" + "b" * 500, 501, 1)
    assert (before, wrong, after) == ("…" + "a" * 60, "X", "b" * 60 + "…")


def test_a_markup_in_a_value_stays_text_in_the_chart() -> None:
    figure = bars([("<b>x</b> & y", 3), ("z" * 40, 1)])
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt; &amp; y", "z" * 23 + "…"]
    assert list(figure.data[0].x) == [3, 1]
    assert figure.data[0].hovertext[0] == "&lt;b&gt;x&lt;/b&gt; &amp; y: 3"
