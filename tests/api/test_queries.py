"""Completing a query over HTTP."""

from starlette.testclient import TestClient

from core.curation import add_tag
from core.projects.store import delete_project
from tests.core.curation.conftest import Stage, stage  # noqa: F401


def ask(client: TestClient, project_id: int, text: str, **other: object) -> dict[str, object]:
    question = {"text": text, "cursor": len(text), **other}
    answer = client.post(f"/api/projects/{project_id}/complete", json=question)
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


def test_values_come_with_their_counts_and_the_span_that_they_replace(
    client: TestClient,
    stage: Stage,  # noqa: F811
) -> None:
    add_tag(stage.viewer, stage.id, "scratch", stage.images[:4])
    answer = ask(client, stage.id, "NOT tag:sc")
    assert answer["options"] == [
        {"text": "scratch", "label": "scratch", "kind": "value", "count": 4, "start": 8, "end": 10}
    ]
    assert answer["error"] is None
    (tag,) = ask(client, stage.id, "sc", tags_only=True)["options"]  # type: ignore[misc]
    assert tag["text"] == "scratch"  # type: ignore[index]


def test_what_is_wrong_is_said_in_the_visitors_language(
    client: TestClient,
    stage: Stage,  # noqa: F811
) -> None:
    wrong = ask(client, stage.id, "tagg:x AND ", language="ko")["error"]
    assert isinstance(wrong, dict)
    assert (wrong["column"], wrong["length"]) == (1, 4)
    assert "“tagg” 필드가 없습니다" in wrong["message"] or "tagg" in wrong["message"]
    assert "tag:" in wrong["hint"]
    # In a text of tags alone the same is a name.
    assert ask(client, stage.id, "tagg:x", tags_only=True)["error"] is None


def test_what_is_not_there_or_not_asked_properly_is_refused(
    client: TestClient,
    stage: Stage,  # noqa: F811
) -> None:
    url = f"/api/projects/{stage.id}/complete"
    assert client.post(url, content=b"{").status_code == 400
    assert client.post(url, json={"text": "a"}).status_code == 400
    assert client.post(url, json=["a"]).status_code == 400
    assert ask(client, stage.id, "a" * 20_000) == {"options": [], "error": None}
    assert ask(client, stage.id, "tag", cursor=-5)["error"] is None
    delete_project(stage.viewer, stage.id)
    assert client.post(url, json={"text": "a", "cursor": 1}).status_code == 404


def test_another_sites_page_gets_nothing(stranger: TestClient, stage: Stage) -> None:  # noqa: F811
    answer = stranger.post(f"/api/projects/{stage.id}/complete", json={"text": "a", "cursor": 1})
    assert answer.status_code == 403


def test_a_page_hears_of_changes_by_the_newest_events(
    client: TestClient,
    stage: Stage,  # noqa: F811
) -> None:
    def events(project_id: int) -> list[int]:
        answer = client.get(f"/api/projects/{project_id}/latest")
        assert answer.headers["Cache-Control"] == "no-store"
        found: list[int] = answer.json()["events"]
        return found

    before = events(stage.id)
    event = add_tag(stage.viewer, stage.id, "scratch", stage.images[:4])
    assert event is not None
    assert events(stage.id) == [event.id, *before]
    # Nothing new, and nothing of a project that is not there.
    assert events(stage.id) == [event.id, *before]
    assert events(stage.id + 999) == []
    for number in range(25):
        add_tag(stage.viewer, stage.id, f"t{number}", stage.images[:1])
    newest = events(stage.id)
    assert len(newest) == 20 and newest == sorted(newest, reverse=True)
