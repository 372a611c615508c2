"""What is offered for a value that no image has."""

import pytest

from core.curation import add_tag
from core.database import reading
from core.search import suggestion
from tests.core.curation.conftest import stage  # noqa: F401


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tag:scrach", "tag:scratch"),
        ("NOT (tag:SCRACH OR tag:흠짐)", "NOT (tag:scratch OR tag:흠집)"),
        ("tag:scratch", None),
        ("tag:defect", None),  # what is below it is found
        ("tag:elephant", None),
        ("width:>3", None),
        ("", None),
    ],
)
def test_the_nearest_value_is_offered(stage, text, meant):  # noqa: F811
    for name in ("scratch", "흠집", "defect/hole"):
        add_tag(stage.viewer, stage.id, name, stage.images)
    with reading() as session:
        assert suggestion(session, stage.viewer, stage.project, text) == meant
