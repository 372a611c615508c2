"""Serve the browser side of our components as plain ES modules.

Streamlit takes a component's script either as one inline string or as files of an installed
package. DATAG runs from a checkout and keeps its scripts in small modules that import each other,
so a component registers a short inline loader that imports its entry module from our own route.
The address holds a hash of every module, so that browsers may keep them for ever and never mix
two versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.i18n import LANGUAGES, current_language, texts

_ROOT = Path(__file__).parent
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
_SCRIPTS_AND_STYLES = {".js", ".css"}
# Texts that a component fetches once instead of getting them with every run of the page.
_TEXTS = ("map_component",)
# Scripts of installed packages, by the name that they are served under: their package and path.
_OF_PACKAGES = {"plotly/plotly.min.js": ("plotly", "package_data/plotly.min.js")}
# A component is called when it is dressed, so that nobody sees it without its styles.
_LOADER = """\
const entry = new URL({entry}, document.location.origin).href;
const shared = new URL({shared}, document.location.origin).href;
const styles = {styles}.map((path) => new URL(path, document.location.origin).href);
export default async (component) => {{
  const [own, {{ dress }}] = await Promise.all([import(entry), import(shared)]);
  await dress(component.parentElement, styles);
  return own.default(component);
}};
"""


@dataclass(frozen=True)
class _Bundle:
    """Every module, style sheet and set of texts by its path, and a hash over them all."""

    files: dict[str, bytes]
    version: str


@cache
def _bundle() -> _Bundle:
    # Read once: what is served under a version is what was hashed, even if a file changes later.
    paths = sorted(path for path in _ROOT.rglob("*") if path.suffix in _SCRIPTS_AND_STYLES)
    files = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in paths}
    for name, (package, inside) in _OF_PACKAGES.items():
        # Found without being imported.
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            files[name] = (Path(spec.origin).parent / inside).read_bytes()
    for language in LANGUAGES:
        for prefix in _TEXTS:
            written = json.dumps(texts(prefix, language), ensure_ascii=False)
            files[_texts_name(prefix, language)] = written.encode("utf-8")
    digest = hashlib.blake2b(digest_size=8)
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return _Bundle(files, digest.hexdigest())


def base_path() -> str:
    """The path the app is served under, without a trailing slash: `""` or `"/some/path"`."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def module_source(
    component: str, styles: Sequence[str] = ("style.css",), entry: str = "index.js"
) -> str:
    """The inline script that loads `components/<component>/<entry>` and its style sheets.

    Pass it as `js=` of `st.components.v2.component`. The entry module's default export is called
    with Streamlit's component object and may return a clean-up function. The style sheets come as
    files too: what is registered with a component is sent with every run of a page.

    Args:
        component: the folder.
        styles: style sheets in their order, below `components/` where a folder is named.

    Raises:
        FileNotFoundError: the component has no such module or style sheet.
    """
    sheets = [each if "/" in each else f"{component}/{each}" for each in styles]
    return _LOADER.format(
        entry=json.dumps(_address(f"{component}/{entry}")),
        shared=json.dumps(f"{base_path()}/components/{_bundle().version}/shared/static.js"),
        styles=json.dumps([_address(each) for each in sheets]),
    )


def _address(name: str) -> str:
    """Where a file of `components/` is served."""
    if name not in _bundle().files:
        raise FileNotFoundError(f"components/{name} does not exist")
    return f"{base_path()}/components/{_bundle().version}/{name}"


def plotly_url() -> str:
    """The address of plotly.js, which charts of our own load when they are first drawn."""
    return f"{base_path()}/components/{_bundle().version}/{next(iter(_OF_PACKAGES))}"


def texts_url(prefix: str) -> str:
    """The address of the texts under `prefix` in the context's language, JSON, by their key.

    Raises:
        FileNotFoundError: these texts are not served.
    """
    name = _texts_name(prefix, current_language())
    if name not in _bundle().files:
        raise FileNotFoundError(f"{prefix}: not among the texts that are served")
    return f"{base_path()}/components/{_bundle().version}/{name}"


def _texts_name(prefix: str, language: str) -> str:
    return f"texts/{language}/{prefix}.json"


async def _serve(request: Request) -> Response:
    bundle = _bundle()
    name = request.path_params["name"]
    content = bundle.files.get(name)
    if content is None or request.path_params["version"] != bundle.version:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=_MEDIA_TYPES[Path(name).suffix], headers=headers)


def asset_routes() -> list[BaseRoute]:
    """The route that serves the modules; goes into the ASGI application's `routes`."""
    return [Route(f"{base_path()}/components/{{version}}/{{name:path}}", _serve)]
