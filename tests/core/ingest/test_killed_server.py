"""The web server killed at random moments, its worker with it, while files arrive and after."""

import random
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import httpx2
import pytest

from api.gate import CHANGE_HEADER
from core.accounts.access import Viewer
from core.database import reading
from core.ingest.batches import batch_reports
from core.ingest.unfinished import clear_away
from core.ingest.uploads import all_uploads
from core.jobs import queue
from core.jobs.tables import JobState
from core.projects.store import create_project
from core.settings import ROOT, settings
from tests.api.conftest import OCTETS, tus_headers
from tests.browser.harness import Server
from tests.core.ingest.conftest import picture
from tests.core.ingest.test_killed import check_stored_once

_ROUNDS_ARRIVING, _ROUNDS_WORKING = 12, 8
_IMAGES = 160
_DEADLINE = 700  # seconds


class Killer:
    """Kills a server at random moments and starts it again, in a thread of its own."""

    def __init__(self, server: Server) -> None:
        self._server, self._chance = server, random.Random(3)
        self.arrived, self._stopped, self.kills = Event(), Event(), 0
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for rounds, longest, over in ((_ROUNDS_ARRIVING, 0.8, self.arrived), (None, 5.0, None)):
            for _ in range(rounds or _ROUNDS_WORKING):
                pause = self._chance.uniform(0.05, longest)
                if (over or self._stopped).wait(pause) or self._stopped.is_set():
                    break
                self._server.kill()
                self.kills += 1
                self._server.start()

    def stop(self) -> None:
        """Kill no more; the server may be running."""
        self._stopped.set()
        self.arrived.set()
        self._thread.join(_DEADLINE)

    def join(self) -> None:
        """Wait for the last round."""
        self._thread.join(_DEADLINE)
        assert not self._thread.is_alive()


def insist(call: Callable[[], httpx2.Response]) -> Any:
    """What the server answers, asked again until it does."""
    deadline = time.monotonic() + _DEADLINE
    while True:
        try:
            answer = call()
            assert answer.status_code in (200, 201), answer.text
            return answer.json() if answer.content else None
        except httpx2.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def send_all(client: httpx2.Client, project_id: int) -> str:
    """Upload the images and make them a batch; the job's id."""
    body = {"project_id": project_id, "files": _IMAGES, "bytes": 0}
    token = insist(lambda: client.post("/api/uploads", json=body))["upload"]
    place = f"/api/uploads/{token}/files"
    for number in range(_IMAGES):
        data = picture(number, (320, 240))
        headers = tus_headers(filename=f"{number:04d}.jpg", index=str(number))
        headers |= {"Upload-Length": str(len(data)), "Content-Type": OCTETS}
        insist(lambda d=data, h=headers: client.post(place, content=d, headers=h))  # type: ignore[misc]
        time.sleep(0.05)
    done = insist(lambda: client.post(f"/api/uploads/{token}/complete", json={"failed": []}))
    return str(done["job"])


@pytest.mark.weights
@pytest.mark.slow
def test_killed_at_twenty_random_moments(
    viewer: Viewer, weights_dir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.prepare()
    project = create_project(viewer, "Line 3", "efficientnet_lite0")
    environment = {"DATAG_WEIGHTS_DIR": str(weights_dir), "DATAG_BATCH_SIZE": "4"}
    server = Server(ROOT / "app.py", settings().data_dir, environment)
    server.start()
    killer = Killer(server)
    try:
        with httpx2.Client(base_url=server.url, headers={CHANGE_HEADER: "1"}) as client:
            job_id = send_all(client, project.id or 0)
        killer.arrived.set()
        killer.join()
        done = queue.wait(job_id, _DEADLINE)
    finally:
        killer.stop()
        server.stop()
    assert killer.kills > _ROUNDS_WORKING, "none came while files arrived"
    assert (done.state, done.error) == (JobState.DONE, None)
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id or 0)
    assert (report.accepted, report.duplicates, report.refused) == (_IMAGES, 0, 0)
    # The next upload clears away what a killed worker could not. One that was begun without anybody
    # being told, because the server was killed then, has no files and goes after some days.
    clear_away()
    assert [file for upload in all_uploads() for file in upload.files()] == []
    check_stored_once(_IMAGES)
