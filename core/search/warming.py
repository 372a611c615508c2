"""Reading a large project in the background when it is opened, before anybody asks."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from core.accounts.access import Viewer
from core.database import engine
from core.projects.tables import Project
from core.search.bits import ProjectBits
from core.search.memory import project_bits
from core.search.ordering import BY_NAME, in_order, places

log = logging.getLogger(__name__)

#: In a smaller project every answer is there at once.
LEAST_IMAGES = 20_000
_PARTS = ("tag", "pred", "box", "batch", "in", "by", "model", "camera", "format")
_COLUMNS = ("conf", "width", "bytes", "captured", "uploaded", "count")

_PAUSE = 0.005  # seconds in which others get their turn

_running: set[tuple[str, int | None]] = set()


def warm_up(project: Project, viewer: Viewer) -> threading.Thread | None:
    """Read in a thread of its own what most queries need; what is there already stays.

    None while such a thread is at it. Each step lets those go first who are waiting for an answer.
    """
    bind = engine()
    key = (str(bind.url), project.id)
    if key in _running:
        return None
    _running.add(key)

    def run() -> None:
        try:
            for step in steps(viewer):
                with project_bits(project, bind) as bits:
                    if len(bits.ids) < LEAST_IMAGES:
                        return
                    step(bits)
                time.sleep(_PAUSE)
        except sa.exc.SQLAlchemyError as error:
            # Whoever asks reads it then, and hears what is wrong.
            log.warning("project %s was not read ahead: %s", project.id, error)
        finally:
            _running.discard(key)

    thread = threading.Thread(target=run, name=f"warm-up-{project.id}", daemon=True)
    thread.start()
    return thread


def steps(viewer: Viewer) -> Iterator[Callable[[ProjectBits], object]]:
    """What is read, what pages show first of all at the beginning."""
    yield lambda bits: bits.seen(viewer)
    yield lambda bits: in_order(bits, BY_NAME)
    yield lambda bits: places(bits, BY_NAME)
    for field in _PARTS:
        yield lambda bits, field=field: bits.parts(field)  # type: ignore[misc]
    for name in _COLUMNS:
        yield lambda bits, name=name: bits.column(name)  # type: ignore[misc]
    yield lambda bits: bits.parts("meta")
