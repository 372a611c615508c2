"""The keys of a page that shows images: favourite tags, suggestions, undo and redo."""

from collections.abc import Callable

from components.changes import last_notice, say_refused, step, take_back
from components.context import viewer
from components.page_keys.groups import View, key_groups
from components.shortcuts import Press, shortcuts
from components.tagging.acts import give, toggle
from components.tagging.suggestions import suggested
from components.workspace import Ids, workspace
from core.curation.favourites import favourites
from core.database import reading
from core.i18n import t
from core.projects.tables import Project

__all__ = ["View", "page_keys"]

#: What a key is about, from what the browser says is chosen; None: it speaks of an older page.
Chosen = Callable[[object], Ids | None]


def page_keys(project: Project, *, key: str, views: tuple[View, ...], chosen: Chosen) -> None:
    """Listen to the page's keys, and draw the way to the overlay that lists them.

    Args:
        key: Streamlit's key of the component.
        views: what the page shows and has keys of its own.
        chosen: reads which images a key is about.
    """
    work = workspace(project.id or 0)

    def pressed(press: Press) -> None:
        _act(project, press, chosen)

    with reading() as session:
        names = {n: tag.name for n, tag in favourites(session, viewer(), project).items()}
    shortcuts(
        key_groups(views, names),
        key=key,
        pressed=pressed,
        edited=work.edited_last,
        notice=last_notice(work.project_id),
    )


def _act(project: Project, press: Press, chosen: Chosen) -> None:
    project_id = project.id or 0
    if press.kind in ("undo", "redo"):
        step(project, "undo" if press.kind == "undo" else "redo")
    elif press.kind == "take_back":
        take_back(project_id, press.number)
    else:
        image_ids = chosen(press.target)
        if image_ids is None:
            say_refused(project_id, t("shortcuts.outdated"))
        elif not len(image_ids):
            say_refused(project_id, t("shortcuts.nothing_chosen"))
        elif press.kind == "favourite":
            toggle(project_id, press.number, image_ids)
        else:
            _suggestion(project, press.number, image_ids)


def _suggestion(project: Project, number: int, image_ids: Ids) -> None:
    found = suggested(project, image_ids)
    if number > len(found):
        say_refused(project.id or 0, t("shortcuts.no_suggestion", n=number))
    else:
        give(project.id or 0, found[number - 1].tag.name, image_ids)
