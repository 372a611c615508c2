"""What pages know of their visitor, also where no page runs around them."""

import pytest
from streamlit.testing.v1 import AppTest

from components.context import plain


def _a_run_that_says_no_language() -> None:
    """As a fragment or a callback runs: without the shell, which calls `use_language`."""
    import streamlit as st

    import components.context  # noqa: F401 - looks the visitor's language up
    from core.i18n import t

    st.text(t("shell.home"))


@pytest.mark.parametrize(("language", "text"), [("ko", "시작"), ("en", "Start"), ("xx", "Start")])
def test_a_fragment_speaks_the_visitors_language(language: str, text: str) -> None:
    at = AppTest.from_function(_a_run_that_says_no_language)
    at.session_state["language"] = language
    assert at.run().text[0].value == text


def test_a_visitor_without_a_language_gets_english() -> None:
    assert AppTest.from_function(_a_run_that_says_no_language).run().text[0].value == "Start"


def test_markdown_shows_a_plain_text_as_it_is() -> None:
    assert plain("a*b* [x](y) :red[z] $q$ <b>") == (r"a\*b\* \[x\]\(y\) \:red\[z\] \$q\$ \<b\>")
