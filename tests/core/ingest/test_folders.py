"""A folder as a source: listed with its names, linked, links and rubbish left out."""

from pathlib import Path

import pytest
from sqlmodel import select

from core import cli
from core.accounts.access import Viewer, local_viewer
from core.database import reading
from core.errors import UserError
from core.ingest.folders import upload_folder
from core.media.tables import Image
from core.projects.store import list_projects
from tests.core.ingest.conftest import picture, zip_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    line = tmp_path / "line 3"
    (line / "한글").mkdir(parents=True)
    (line / "b.jpg").write_bytes(picture(1))
    (line / "한글" / "a.jpg").write_bytes(picture(2))
    (line / "Thumbs.db").write_bytes(b"x")
    (line / "set.zip").write_bytes(zip_of({"c.jpg": picture(3)}))
    (line / "link.jpg").symlink_to("/etc/passwd")
    return line


def test_names_start_with_the_folders_own(viewer: Viewer, folder: Path) -> None:
    upload = upload_folder(viewer, 1, folder)
    files = list(upload.files())
    assert [file.name for file in files] == [
        "line 3/b.jpg",
        "line 3/set.zip",
        "line 3/한글/a.jpg",
    ]
    assert files[0].path.read_bytes() == picture(1)
    assert files[0].path.stat().st_nlink == 2
    assert [name for name, _, _ in upload.refused()] == ["line 3/link.jpg"]
    upload.remove()
    assert (folder / "b.jpg").read_bytes() == picture(1)


def test_one_file_and_none(viewer: Viewer, folder: Path) -> None:
    assert [f.name for f in upload_folder(viewer, 1, folder / "b.jpg").files()] == ["b.jpg"]
    with pytest.raises(UserError, match="nowhere"):
        upload_folder(viewer, 1, folder / "nowhere")


def test_the_command_line_takes_a_folder_in(
    viewer: Viewer,
    folder: Path,
    no_registry: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["ingest", str(folder), "--project", "Line 3"]) == 0
    assert "3 taken in, 0 there already, 1 refused" in capsys.readouterr().out
    assert cli.main(["ingest", str(folder), "--project", "Line 3"]) == 0
    assert "0 taken in, 3 there already, 1 refused" in capsys.readouterr().out
    assert cli.main(["ingest", str(folder / "nowhere"), "--project", "Other"]) == 1
    assert "nowhere" in capsys.readouterr().err
    with reading() as session:
        assert len(list_projects(session, local_viewer())) == 1
        names = session.exec(select(Image.name).order_by(Image.name)).all()
    assert names == ["line 3/b.jpg", "line 3/set.zip/c.jpg", "line 3/한글/a.jpg"]
