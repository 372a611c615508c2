"""Types of metadata fields: what fits, what is rewritten, what stays, and the way back."""

import pytest

from core.accounts.access import Viewer
from core.curation import set_attribute, set_attributes, set_values
from core.curation.field_types import FieldType, checked_type, fit, written
from core.curation.fields import declare_field, declared_fields, field_report, forget_field
from core.database import reading
from core.errors import NotFound, UserError
from core.history import undo
from core.media.images import load_images
from tests.core.curation.conftest import Stage

NUMBER = FieldType("number", "mm")
STATE = FieldType("choice", choices=("good", "Bad", "흠집"))
DATE, BOOLEAN, TEXT = FieldType("date"), FieldType("boolean"), FieldType("text")


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (NUMBER, 3, 3),
        (NUMBER, 2.5, 2.5),
        (NUMBER, " 12.50 ", 12.5),
        (NUMBER, "12 MM", 12),
        (NUMBER, "-1e3mm", -1000.0),
        (DATE, "2024-10-14", "2024-10-14"),
        (DATE, "2024/1/5", "2024-01-05"),
        (DATE, "2024. 10. 14.", "2024-10-14"),
        (DATE, "2024-10-14 9:30", "2024-10-14T09:30:00"),
        (DATE, "2024-10-14T09:30:15.25", "2024-10-14T09:30:15"),
        (BOOLEAN, True, True),
        (BOOLEAN, "Yes", True),
        (BOOLEAN, "아니요", False),
        (BOOLEAN, 1, True),
        (STATE, "GOOD", "good"),
        (STATE, " bad ", "Bad"),
        (STATE, "흠집", "흠집"),
        (FieldType("choice", choices=("2", "3")), 2, "2"),
        (TEXT, "007", "007"),
        (TEXT, 7, "7"),
        (TEXT, True, "true"),
        (NUMBER, None, None),
        (None, "anything", "anything"),
    ],
)
def test_values_get_the_form_of_their_type(type_, value, expected) -> None:  # type: ignore[no-untyped-def]
    found = fit(type_, "f", value)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("type_", "value", "says"),
    [
        (NUMBER, "wide", "is not a number in mm. Write it like 12.5."),
        (FieldType("number"), "1,5", "is not a number. Write it like 12.5."),
        (NUMBER, "1e999", "not a number"),
        (NUMBER, "9223372036854775808", "not a number"),
        (NUMBER, True, "“yes” is not a number"),
        (DATE, "2024-02-30", "Write it like 2024-10-14"),
        (DATE, "14.10.2024", "not a date"),
        (DATE, 20241014, "not a date"),
        (DATE, "2024-10-14 25:00", "not a date"),
        (BOOLEAN, "maybe", "neither yes nor no"),
        (STATE, "goood", "Did you mean “good”?"),
        (STATE, "x", "Write one of: good, Bad, 흠집."),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(type_, value, says) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match="thick: ") as refused:
        fit(type_, "thick", value)
    assert says in str(refused.value)


def test_what_is_written_without_a_type_is_understood_as_in_a_table() -> None:
    texts = ["5", "1.5", "007", "+5", "true", "A-3", " ", "1e999", "FALSE"]
    meant = [written(None, "f", text) for text in texts]
    assert meant == [5, 1.5, "007", "+5", True, "A-3", None, "1e999", False]
    assert written(NUMBER, "f", " 2 mm") == 2


def test_types_keep_only_what_their_kind_has() -> None:
    assert checked_type(FieldType("text", "mm", ("a",))) == TEXT
    listed = checked_type(FieldType("choice", "mm", (" a", "A", "b ")))
    assert listed == FieldType("choice", choices=("a", "b"))
    for wrong in (
        FieldType("choice"),
        FieldType("number", "x" * 21),
        FieldType("choice", "", ("",)),
    ):
        with pytest.raises(UserError):
            checked_type(wrong)
    with pytest.raises(UserError, match="201"):
        checked_type(FieldType("choice", choices=tuple(map(str, range(201)))))


def values(stage: Stage, field: str = "thick") -> list[object]:
    with reading() as session:
        images = load_images(session, stage.viewer, stage.images)
    return [images[image_id].attributes.get(field) for image_id in stage.images]


def types(stage: Stage) -> dict[str, FieldType]:
    with reading() as session:
        return declared_fields(session, stage.viewer, stage.project)


@pytest.fixture
def measured(stage: Stage) -> Stage:
    """Five images have a thickness, in several forms; those of another project too."""
    for image_id, value in zip(stage.images, ["1.5", 2, "wide", "wide", True], strict=False):
        set_attributes(stage.viewer, image_id, {"thick": value, "other": "1.5"})
    set_attributes(stage.viewer, stage.foreign_images[0], {"thick": "1.5"})
    return stage


def test_a_report_says_what_a_type_would_do(measured: Stage) -> None:
    with reading() as session:
        report = field_report(session, measured.viewer, measured.project, "thick", NUMBER)
        nothing = field_report(session, measured.viewer, measured.project, "new", NUMBER)
    assert (report.total, report.converted, report.unfit) == (5, 1, [("wide", 2), (True, 1)])
    assert (nothing.total, nothing.converted, nothing.unfit) == (0, 0, [])


def test_declaring_rewrites_what_fits_and_loses_nothing(measured: Stage) -> None:
    event = declare_field(measured.viewer, measured.id, "thick", NUMBER)
    assert event is not None and event.image_count == 1
    assert values(measured) == [1.5, 2, "wide", "wide", True] + [None] * 5
    assert values(measured, "other")[0] == "1.5"
    assert types(measured) == {"thick": NUMBER}
    assert declare_field(measured.viewer, measured.id, "thick", NUMBER) is None
    with reading() as session:
        foreign = load_images(session, measured.viewer, measured.foreign_images[:1])
    assert [image.attributes for image in foreign.values()] == [{"thick": "1.5"}]
    undone = undo(measured.viewer, event.id or 0)
    assert values(measured) == ["1.5", 2, "wide", "wide", True] + [None] * 5
    assert types(measured) == {}
    undo(measured.viewer, undone.id or 0)
    assert (values(measured)[0], types(measured)) == (1.5, {"thick": NUMBER})


def test_every_way_of_writing_keeps_to_the_type(measured: Stage) -> None:
    declare_field(measured.viewer, measured.id, "thick", NUMBER)
    first, second, third = measured.images[:3]
    set_attributes(measured.viewer, first, {"thick": "3 mm"})
    set_attribute(measured.viewer, measured.id, "thick", "4", [second])
    set_values(measured.viewer, measured.id, {first: {"thick": "5"}, second: {"thick": 6}})
    assert values(measured)[:2] == [5, 6]
    with pytest.raises(UserError, match="thick"):
        set_attributes(measured.viewer, first, {"thick": "thin"})
    with pytest.raises(UserError, match="thick"):
        set_attribute(measured.viewer, measured.id, "thick", "thin", [first])
    with pytest.raises(UserError, match="thick"):
        set_values(measured.viewer, measured.id, {first: {"thick": 7}, second: {"thick": "thin"}})
    assert values(measured)[:2] == [5, 6]
    # What was there before may stay when something else is changed with it, and may go.
    set_attributes(measured.viewer, third, {"thick": "wide", "other": "x"})
    set_values(measured.viewer, measured.id, {third: {"thick": "wide", "other": "y"}})
    assert values(measured)[2] == "wide"
    set_attributes(measured.viewer, third, {"thick": None})
    assert values(measured)[2] is None


def test_a_type_is_changed_and_forgotten(measured: Stage) -> None:
    declare_field(measured.viewer, measured.id, "thick", NUMBER)
    changed = declare_field(measured.viewer, measured.id, "thick", TEXT)
    assert values(measured)[:5] == ["1.5", "2", "wide", "wide", "true"]
    forgotten = forget_field(measured.viewer, measured.id, "thick")
    assert changed is not None and forgotten is not None and types(measured) == {}
    assert forget_field(measured.viewer, measured.id, "thick") is None
    with pytest.raises(UserError, match="changed since"):
        undo(measured.viewer, changed.id or 0)
    undo(measured.viewer, forgotten.id or 0)
    undo(measured.viewer, changed.id or 0)
    assert types(measured) == {"thick": NUMBER}
    assert values(measured)[:5] == [1.5, 2, "wide", "wide", True]


def test_a_project_that_one_may_not_see_has_no_fields(stage: Stage) -> None:
    with pytest.raises(NotFound):
        declare_field(Viewer(0, "nobody"), stage.id, "f", NUMBER)
    with reading() as session, pytest.raises(NotFound):
        declared_fields(session, Viewer(0, "nobody"), stage.project)
    with pytest.raises(UserError, match="cannot be the name"):
        declare_field(stage.viewer, stage.id, "a/b", NUMBER)
