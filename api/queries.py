"""What pages ask about a project: how a query goes on, and whether anything was changed."""

import json
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.gate import viewer_of
from core.database import reading
from core.errors import NotFound
from core.history import latest_events
from core.i18n import use_language
from core.projects.store import load_project
from core.search import QueryError, complete, complete_tags, parse, parse_tags
from core.search.parser import MAX_LENGTH


async def completions(request: Request) -> Response:
    """What the text can be completed to at the cursor, and what is wrong with it so far.

    `{"text": "tag:sc", "cursor": 6, "tags_only": false, "language": "en"}`, the cursor counted in
    characters, is answered with `{"options": [...], "error": null}`; the options are those of
    `core.search.complete`.
    """
    try:
        body: Any = json.loads(await request.body())
        text, cursor = str(body["text"]), int(body["cursor"])
        tags_only, language = bool(body.get("tags_only")), str(body.get("language"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"error": 'expected {"text": "tag:sc", "cursor": 6}'}, 400)
    if len(text) > MAX_LENGTH:
        return JSONResponse({"options": [], "error": None})
    viewer, project_id = viewer_of(request), request.path_params["project_id"]

    def answer() -> Response:
        use_language(language)
        try:
            with reading() as session:
                project = load_project(session, viewer, project_id)
                ask = complete_tags if tags_only else complete
                options = ask(session, viewer, project, text, min(max(cursor, 0), len(text)))
        except NotFound:
            return Response(status_code=404)
        found = [asdict(option) for option in options]
        return JSONResponse({"options": found, "error": _error(text, tags_only)})

    return await run_in_threadpool(answer)


async def latest(request: Request) -> Response:
    """The newest events of a project, so that a page sees that something was changed."""
    viewer, project_id = viewer_of(request), request.path_params["project_id"]

    def answer() -> Response:
        with reading() as session:
            found = latest_events(session, viewer, project_id)
        return JSONResponse({"events": found}, headers={"Cache-Control": "no-store"})

    return await run_in_threadpool(answer)


def _error(text: str, tags_only: bool) -> dict[str, Any] | None:
    try:
        (parse_tags if tags_only else parse)(text)
    except QueryError as error:
        return error.shown()
    return None


ROUTES = [
    Route("/api/projects/{project_id:int}/complete", completions, methods=["POST"]),
    Route("/api/projects/{project_id:int}/latest", latest),
]
