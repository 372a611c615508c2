"""Downloads of what export jobs have written."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.gate import viewer_of
from core.errors import NotFound
from core.formats.export import export_file


def download(request: Request) -> Response:
    """The file of a finished export job."""
    try:
        path = export_file(viewer_of(request), request.path_params["job_id"])
    except NotFound as error:
        return PlainTextResponse(str(error), 404)
    return FileResponse(path, filename=path.name, headers={"Cache-Control": "no-store"})


ROUTES = [Route("/api/exports/{job_id}", download)]
