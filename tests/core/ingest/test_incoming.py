"""Files on their way into the staging area."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from core.ingest.incoming import begin_file
from core.ingest.uploads import begin_upload

_AT_ONCE = 8


def test_a_file_may_be_sent_again_while_it_is_being_kept() -> None:
    """A browser that waited too long for the answer does so."""
    upload = begin_upload(1, 1, 0)
    content = b"picture" * 1000

    def send(_number: int) -> None:
        incoming = begin_file(upload, "a.jpg", len(content), index=3)
        together.wait()
        incoming.take_whole(content)

    for _ in range(20):
        together = Barrier(_AT_ONCE)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(send, range(_AT_ONCE)))
    [file] = upload.files()
    assert (file.index, file.name, file.byte_size) == (3, "a.jpg", len(content))
    assert file.path.read_bytes() == content
    assert sorted(path.name for path in upload.folder.iterdir()) == [
        "00000003",
        "files.jsonl",
        "upload.json",
    ]
