"""Reading queries: trees, canonical text, errors with their place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.i18n import use_language
from core.search import (
    And,
    FieldType,
    Key,
    Not,
    Operator,
    Or,
    Query,
    QueryError,
    Sample,
    Term,
    fields,
    parse,
    parse_query,
    rewritten,
    to_text,
)
from core.settings import ROOT
from tests.core.search.oracle import TERMS


def tag(name: str) -> Term:
    return Term("tag", Operator.IS, (name,))


def test_nothing_asked_is_none():
    assert parse("") is None
    assert parse(" \n\t") is None
    assert to_text(None) == ""


def test_the_tree_of_a_query():
    tree = parse("tag:a AND NOT (tag:b OR confidence:<0.5) AND date:2024-10-14..2024-11-19")
    assert tree == And((
        tag("a"),
        Not(Or((tag("b"), Term("conf", Operator.BELOW, ("0.5",))))),
        Term("date", Operator.RANGE, ("2024-10-14", "2024-11-19")),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a b", "a AND b"),
        ("a & b | c", "a AND b OR c"),
        ("a && (b || c)", "a AND (b OR c)"),
        ("a (b (c d))", "a AND b AND c AND d"),
        ("-a !b not c NOT not d", "NOT a AND NOT b AND NOT c AND NOT NOT d"),
        ("Tag: a", "tag:a"),
        ("conf>=70%", "conf:>=70%"),
        ("width=3", "width:3"),
        ("pred:(cat)", "pred:cat"),
        ('pred:(cat,"steel drum")', 'pred:(cat, "steel drum")'),
        ('"and" "tag:a" "say \\"hi\\" \\\\"', '"and" AND "tag:a" AND "say \\"hi\\" \\\\"'),
        ("android nothing order", "android AND nothing AND order"),
        ('meta."line 3":A meta.라인:1..', 'meta."line 3":A AND meta.라인:1..'),
        ("meta.x:a..b", 'meta.x:"a..b"'),
        ("name:a..b", 'name:"a..b"'),
        ("date:..2024", "date:..2024"),
        ("한글", "한글"),
        ("similar:#17>.8 similar:a/b.jpg", "similar:#17>.8 AND similar:a/b.jpg"),
        ('Similar: "a b.jpg"  >=  80% c', 'similar:"a b.jpg">=80% AND c'),
        ("similar=a.jpg >0.5 name:*", 'similar:a.jpg>0.5 AND name:"*"'),
        ('similar:"a>0.5"', 'similar:"a>0.5"'),
    ],
)
def test_canonical_text(text, canonical):
    assert to_text(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "reason", "column", "length"),
    [
        ("a tga:x", "unknown_field", 3, 3),
        ("zzzzzz:x", "unknown_field_far", 1, 6),
        ("conf:high", "not_a_share", 6, 4),
        ("conf:>70", "not_a_share", 7, 2),
        ("a date:2024-13", "not_a_date", 8, 7),
        ("date:2024..2024-02-30", "not_a_date", 12, 10),
        ("date:99999", "not_a_date", 6, 5),
        ("width:wide", "not_a_number", 7, 4),
        ("width:9223372036854775808", "not_a_number", 7, 19),
        ("bytes:>1xb", "not_a_size", 8, 3),
        ("bytes:>9999999TB", "not_a_size", 8, 9),
        ("bytes:(1kB, ten)", "not_a_size", 13, 3),
        ("meta.n:>x", "not_a_attribute", 9, 1),
        ("meta:x", "meta_name", 1, 4),
        ('meta."a.b":x', "attribute_name", 1, 10),
        ("tag:>a", "no_comparison", 1, 3),
        ("conf:>(0.1, 0.2)", "no_list", 8, 1),
        ("has:(tag, box)", "no_list", 6, 1),
        ("has:tags", "presence", 5, 4),
        ('tag:"  "', "empty_value", 5, 4),
        ("width:9..3", "reversed_range", 7, 4),
        ("width:..", "empty_range", 7, 2),
        ("conf:>0.1..0.2", "compared_range", 7, 8),
        ("date:2023 .. 2024", "spaced_range", 11, 2),
        ("(a", "open_bracket", 1, 1),
        ("a (b (c)", "open_bracket", 3, 1),
        ("a) b", "unmatched_bracket", 2, 1),
        ('a "bc', "open_quote", 3, 3),
        ('a "bc\\"', "open_quote", 3, 5),
        ("a AND", "missing_term", 6, 1),
        ("OR a", "missing_term", 1, 2),
        ("a () b", "missing_term", 4, 1),
        ("not", "missing_term", 4, 1),
        ("tag:", "missing_value", 5, 1),
        ("tag: and b", "missing_value", 6, 3),
        ("pred:()", "missing_value", 7, 1),
        ("pred:(a b)", "list", 9, 1),
        ("tag:a,b", "comma", 6, 1),
        ("a :b", "unexpected", 3, 1),
        ("a similar:#17>1.4", "not_a_share", 15, 3),
        ('similar:"a b" > x', "not_a_share", 17, 1),
        ("similar:a>", "not_a_share", 11, 1),
        ("similar:(a, b)", "missing_value", 9, 1),
        ("similar:>0.8", "missing_value", 9, 4),
        ("similar>0.8", "no_comparison", 1, 7),
        ('similar:"  "', "empty_value", 9, 4),
        ("order by similar desc", "order_similar", 10, 7),
        ("order by -similar:a desc", "two_directions", 21, 4),
        ("correct:maybe", "choice", 9, 5),
        ("tag:a fault:(blur, blury)", "choice", 20, 5),
        ("differs:(a, b, c)", "two_models", 16, 1),
        ("has:noise", "presence", 5, 5),
        ("blur:>high", "not_a_share", 7, 4),
        ("outlyer:>0.5", "unknown_field", 1, 7),
        ("a\x00b", "character", 2, 1),
        ("a\ud800", "character", 2, 1),
        ("order by", "missing_key", 9, 1),
        ("a order by conf,", "missing_key", 17, 1),
        ("a order by note", "order_field", 12, 4),
        ("a order by text", "order_field", 12, 4),
        ("a order by cnof", "unknown_key", 12, 4),
        ("a order by -cnof", "unknown_key", 13, 4),
        ("a order by zzzzzz", "unknown_field_far", 12, 6),
        ("a order by meta", "meta_name", 12, 4),
        ('order by meta."a.b"', "attribute_name", 10, 10),
        ("order by -conf desc", "two_directions", 16, 4),
        ("order by random desc", "random_direction", 10, 6),
        ("order by conf seed 3", "seed_place", 20, 1),
        ("order by random seed", "missing_seed", 21, 1),
        ("order by random seed 4294967296", "clause_number", 22, 10),
        ("order by conf order by name", "clause_twice", 15, 8),
        ("order by " + "id, " * 8 + "id", "too_many_keys", 1, 8),
        ("order by conf tag:a", "clause_end", 15, 4),
        ("limit 0", "clause_number", 7, 1),
        ("limit -1", "clause_number", 7, 2),
        ("limit 1.5", "clause_number", 7, 3),
        ("limit " + "9" * 5000, "clause_number", 7, 5000),
        ("limit 5 tag:a", "clause_end", 9, 4),
        ("(a limit 5)", "clause_place", 4, 5),
        ("sample 5 per", "missing_key", 13, 1),
        ("sample 5 per width", "per_field", 14, 5),
        ("sample 5 per perd", "unknown_key", 14, 4),
        ("sample 5 seed x", "missing_seed", 15, 1),
        ("sample 5 limit 3 sample 4", "clause_twice", 18, 6),
        ("a" * 10_001, "too_long", 10_001, 1),
        ("a" * 501, "long_value", 1, 501),
        ("(" * 201 + "a" + ")" * 201, "too_deep", 201, 1),
        ("-" * 201 + "a", "too_deep", 202, 1),
        (" ".join("a" * 501), "too_many_terms", 1, 1001),
    ],
)
def test_errors_say_where_and_what_to_write(text, reason, column, length):
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert (error.reason, error.column, error.length) == (reason, column, length)
    for language in ("en", "ko"):
        use_language(language)
        try:
            assert not str(error).startswith("query.")
            assert not error.hint.startswith("query.")
        finally:
            use_language("en")


@pytest.mark.parametrize(
    ("written", "meant"), [("tgas:x", "tag"), ("confidense:1", "confidence"), ("widht:3", "width")]
)
def test_the_hint_names_the_nearest_field(written, meant):
    with pytest.raises(QueryError) as caught:
        parse(written)
    assert f"“{meant}:”" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a ORDER  BY -Confidence, name ASC, meta.x desc",
         Query(parse("a"), order=(Key("conf", True), Key("name"), Key("meta.x", True)))),
        ('order by meta."line 3"', Query(order=(Key("meta.line 3"),))),
        ("order by random", Query(order=(Key("random"),))),
        ("order by random seed 7, id", Query(order=(Key("random", seed=7), Key("id")))),
        ("limit 0012", Query(limit=12)),
        ("SAMPLE 200 Seed 1", Query(sample=Sample(200, seed=1))),
        ("limit 9 sample 50 per prediction order by id",
         Query(None, Sample(50, "pred"), (Key("id"),), 9)),
        ("a and limit 5", Query(parse('a "limit" "5"'))),
        ("limit sample order", Query(parse("limit AND sample AND order"))),
        ("limit limit 5", Query(parse('"limit"'), limit=5)),
        ('"order" by', Query(parse("order AND by"))),
        ("", Query()),
    ],
)  # fmt: skip
def test_what_stands_behind_the_terms(text, query):
    assert parse_query(text) == query
    assert parse_query(to_text(query)) == query
    assert parse(text) == query.where


def test_a_changed_condition_keeps_order_sample_and_limit():
    text = "a limit 5 order by -conf sample 9 per pred"
    changed = rewritten(text, lambda where: And((where, tag("b"))))
    assert changed == "a AND tag:b sample 9 per pred order by conf desc limit 5"
    assert rewritten(text, lambda where: None) == ("sample 9 per pred order by conf desc limit 5")


def test_200_levels_are_read():
    assert parse("(" * 200 + "a" + ")" * 200) == parse("a")
    deep = parse("-" * 200 + "a")
    assert parse(to_text(deep)) == deep


def test_every_field_explains_itself_and_its_example_is_a_query():
    for field in fields():
        tree = parse(field.example)
        assert isinstance(tree, Term)
        said = {each.field.partition(".")[0] for each in (tree, *tree.qualifiers)}
        assert field.name in said
        for alias in field.aliases:
            assert parse(field.example.replace(field.name, alias, 1)) == tree
        texts = set()
        for language in ("en", "ko"):
            use_language(language)
            texts.add(field.explanation)
        use_language("en")
        assert len(texts) == 2
        assert not any(text.startswith("query.") for text in texts)


def test_fields_take_the_operators_that_they_name():
    sample = {FieldType.DATE: "2024", FieldType.PRESENCE: "tag", FieldType.IMAGE: "#1"}
    for field in fields():
        name = f"{field.name}.x" if field.type is FieldType.ATTRIBUTE else field.name
        value = field.choices[0] if field.choices else sample.get(field.type, "1")
        for operator in Operator:
            if operator is Operator.RANGE:
                continue  # a field without ranges reads the dots as text
            written = f"{name}{operator}{value}"
            if operator is Operator.ONE_OF:
                written = f"{name}:({value}, {value})"
            if operator in field.operators:
                assert isinstance(parse(written), Term)
            else:
                with pytest.raises(QueryError):
                    parse(written)


WORDS = st.sampled_from(
    ["tag:", "conf:>", "date:", "(", ")", "and", "OR", "not", "-", '"', ",", "..", "a", "1", "한",
     "meta.", ":", "*", "\\", " ", "2024", "%", "é", "id:", "<", "=", "&", "|", "\n",
     " order by ", " limit ", " sample ", " per ", " seed ", " desc", "pred", "random", "5"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map("".join)))
def test_any_text_is_a_query_or_a_query_error(text):
    try:
        query = parse_query(text)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.length >= 1
        assert str(error)
        assert error.hint
    else:
        assert parse_query(to_text(query)) == query


VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)


def expressions() -> st.SearchStrategy:
    given_terms = st.sampled_from([text for text, _ in TERMS])
    free = st.builds(
        lambda name, value: name + '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"',
        st.sampled_from(["tag:", "name:", "pred:", "meta.x:", ""]),
        VALUES,
    )
    return st.recursive(
        given_terms | free,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(lambda p: f"({' AND '.join(p)})"),
            st.lists(inner, min_size=2, max_size=4).map(lambda p: f"({' OR '.join(p)})"),
            inner.map(lambda p: f"NOT {p}"),
        ),
        max_leaves=12,
    )


@settings(max_examples=300, deadline=None)
@given(expressions())
def test_canonical_text_is_read_back_as_the_same_tree(text):
    tree = parse(text)
    printed = to_text(tree)
    assert parse(printed) == tree
    assert to_text(parse(printed)) == printed


def test_the_guide_has_every_field_alias_and_example():
    guide = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in guide.splitlines() if line[:2] == "| "}
    for field in fields():
        named = field.type is FieldType.ATTRIBUTE
        name = f"`{field.name}.<name>`" if named else f"`{field.name}`"
        row = rows[", ".join((name, *(f"`{alias}`" for alias in field.aliases)))]
        assert f"`{field.example}`" in row
