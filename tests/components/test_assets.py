"""The route and the loader that bring a component's modules to the browser."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from components import assets
from core.i18n import texts, use_language
from core.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A components folder of our own, read afresh by every test."""
    root = tmp_path / "components"
    (root / "chart").mkdir(parents=True)
    (root / "chart" / "index.js").write_text("export default () => {};\n", encoding="utf-8")
    (root / "chart" / "style.css").write_text(".chart { content: '한' }\n", encoding="utf-8")
    (root / "chart" / "__init__.py").write_text("SECRET = 1\n", encoding="utf-8")
    (tmp_path / "outside.js").write_text("outside\n", encoding="utf-8")
    monkeypatch.setattr(assets, "_ROOT", root)
    assets._bundle.cache_clear()
    yield root
    assets._bundle.cache_clear()


def client() -> TestClient:
    return TestClient(Starlette(routes=assets.asset_routes()))


def address(source: str) -> str:
    """The path that a loader imports."""
    match = re.search(r'new URL\("([^"]+)"', source)
    assert match
    return match.group(1)


def test_loader_imports_what_the_route_serves(folder: Path) -> None:
    response = client().get(address(assets.module_source("chart")))
    assert response.status_code == 200
    assert response.text == "export default () => {};\n"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response.headers["cache-control"]


def style_addresses(source: str) -> list[str]:
    """The style sheets that a loader fetches before it calls the component."""
    match = re.search(r"const styles = (\[.*\])\.map", source)
    assert match
    found: list[str] = json.loads(match.group(1))
    return found


def test_style_sheets_are_served_in_the_order_given(folder: Path) -> None:
    (folder / "shared").mkdir()
    (folder / "shared" / "buttons.css").write_text(".button {}\n", encoding="utf-8")
    source = assets.module_source("chart", ("shared/buttons.css", "style.css"))
    served = [client().get(address) for address in style_addresses(source)]
    assert [response.text for response in served] == [".button {}\n", ".chart { content: '한' }\n"]
    assert served[0].headers["content-type"] == "text/css; charset=utf-8"


def test_missing_style_sheet_names_the_file(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"components/chart/legend\.css"):
        assets.module_source("chart", ("legend.css",))


def test_no_component_is_registered_with_styles_or_with_what_is_deprecated() -> None:
    """What is registered as text is sent with every run of a page."""
    for path in (ROOT / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                named = {keyword.arg for keyword in node.keywords}
                assert not named & {"css", "isolate_styles"}, path


def test_changed_module_gets_a_new_address(folder: Path) -> None:
    before = address(assets.module_source("chart"))
    (folder / "chart" / "helper.js").write_text("export const a = 1;\n", encoding="utf-8")
    assets._bundle.cache_clear()
    after = address(assets.module_source("chart"))
    assert before != after
    assert client().get(before).status_code == 404
    assert client().get(after).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["chart/__init__.py", "chart/missing.js", "../outside.js", "%2e%2e/outside.js", "chart", ""],
)
def test_serves_nothing_but_its_modules(folder: Path, name: str) -> None:
    version = address(assets.module_source("chart")).split("/")[2]
    assert client().get(f"/components/{version}/{name}").status_code == 404


def test_missing_entry_names_the_file(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"components/chart/other\.js"):
        assets.module_source("chart", entry="other.js")


def test_base_path_prefixes_loader_and_route(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.st, "get_option", lambda name: "factory/datag/")
    path = address(assets.module_source("chart"))
    assert path.startswith("/factory/datag/components/")
    assert client().get(path).status_code == 200


def test_texts_are_served_in_each_language(folder: Path) -> None:
    for language in ("en", "ko"):
        use_language(language)
        response = client().get(assets.texts_url("map_component"))
        assert response.json() == texts("map_component")
        assert response.headers["content-type"] == "application/json"
        assert "immutable" in response.headers["cache-control"]
    use_language("en")


def test_only_texts_of_components_are_served(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="home"):
        assets.texts_url("home")
    version = address(assets.module_source("chart")).split("/")[2]
    assert client().get(f"/components/{version}/texts/en/home.json").status_code == 404


def test_changed_text_gets_a_new_address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets.texts_url("map_component")
    monkeypatch.setattr(assets, "texts", lambda prefix, language: {"retry": "Once more"})
    assets._bundle.cache_clear()
    after = assets.texts_url("map_component")
    assert after != before
    assert client().get(after).json() == {"retry": "Once more"}
    assert client().get(before).status_code == 404
