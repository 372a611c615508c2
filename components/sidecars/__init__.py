"""What came with a batch's images, and its folders as classes: two parts of a batch's card."""

import streamlit as st

from components.context import plain, viewer
from core.database import reading
from core.errors import UserError
from core.i18n import current_language, t, use_language
from core.imports.folders import folder_classes, has_class_folders, label_by_folder
from core.imports.report import (
    AppliedFile,
    NoMatch,
    Summary,
    applied_files,
    left_out,
    left_out_csv,
    summary,
)

_SHOWN = 200  # rows of each list
_CLASSES = 12  # folders that are named before somebody agrees


def left_out_badge(batch_id: int) -> str:
    """How many things were left out of a finished batch's files, in Markdown; empty: none."""
    left_out = _summary(batch_id).left_out
    return f":orange-badge[{t('imports.badge', n=f'{left_out:,}')}]" if left_out else ""


def show_sidecars(batch_id: int, applied: int, *, finished: bool) -> None:
    """The files of a batch that were no pictures but spoke of some; read when it is opened.

    Args:
        applied: how many there are.
        finished: whether the batch gets no more files.
    """
    if finished:
        _warn(_summary(batch_id).no_match)
    section = st.expander(
        t("imports.applied", n=f"{applied:,}"), key=f"sidecars_{batch_id}", on_change="rerun"
    )
    if not section.open:
        return
    with reading() as session:
        files = applied_files(session, viewer(), batch_id)
        some = left_out(session, viewer(), batch_id, limit=_SHOWN)
    with section:
        st.dataframe(
            {
                t("imports.file"): [file.path for file in files],
                t("imports.kind_title"): [file.kind for file in files],
                t("imports.images"): [_number(file.images) for file in files],
                t("imports.gave_title"): [file.given for file in files],
                t("imports.left_out"): [_number(file.left_out) for file in files],
            },
            hide_index=True,
        )
        if some:
            st.markdown(f"**{t('imports.notes_title')}**")
            _show_left_out(batch_id, files, len(some))
            st.dataframe(
                {
                    t("imports.file"): [each.path for each in some],
                    t("imports.name"): [each.name for each in some],
                    t("imports.place"): [each.place for each in some],
                    t("imports.reason"): [each.reason for each in some],
                },
                hide_index=True,
            )


def _summary(batch_id: int) -> Summary:
    """What is known of a finished batch is kept: many files may have to be looked at."""
    kept = st.session_state.setdefault("imports_summaries", {})
    key = (batch_id, viewer().user_id)
    if key not in kept:
        with reading() as session:
            kept[key] = summary(session, viewer(), batch_id)
    found: Summary = kept[key]
    return found


def _warn(lost: NoMatch | None) -> None:
    """Tell of files that found none of their images."""
    if lost is None:
        return
    if lost.image is None:
        key = "no_match_empty"
    else:
        key = "no_match" if lost.files == 1 else "no_match_more"
    number = lost.files if key == "no_match_more" else lost.names
    said = {"file": lost.path, "missing": lost.missing, "image": lost.image}
    texts = {name: plain(text or "") for name, text in said.items()}
    st.warning(t(f"imports.{key}", n=f"{number:,}", **texts), icon=":material/link_off:")


def _number(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _show_left_out(batch_id: int, files: list[AppliedFile], shown: int) -> None:
    total = sum(file.left_out + file.notes for file in files)
    if total > shown:
        st.caption(t("imports.first", shown=f"{shown:,}", n=f"{total:,}"))
    who, language = viewer(), current_language()

    def table() -> bytes:
        # Called outside the page's run, where nobody has said the visitor's language.
        use_language(language)
        with reading() as session:
            return left_out_csv(left_out(session, who, batch_id))

    st.download_button(
        t("imports.download"),
        table,
        file_name=f"left-out-{batch_id}.csv",
        mime="text/csv",
        key=f"left_out_csv_{batch_id}",
        icon=":material/download:",
    )


def _has_class_folders(batch_id: int, finished: bool) -> bool:
    """What is known of a finished batch is kept: of a large one every path may have to be read."""
    key = f"class_folders:{batch_id}"
    kept: bool | None = st.session_state.get(key)
    if kept is None:
        with reading() as session:
            kept = has_class_folders(session, viewer(), batch_id)
        if finished:
            st.session_state[key] = kept
    return kept


def folders_as_classes(batch_id: int, *, finished: bool) -> None:
    """A button that makes the images' folders their true classes, after showing which.

    Nothing where the images lie in less than two folders.

    Args:
        finished: whether the batch gets no more images.
    """
    if not _has_class_folders(batch_id, finished):
        return
    popover = st.popover(
        t("imports.folders.button"),
        key=f"folders_{batch_id}",
        icon=":material/folder_copy:",
        help=t("imports.folders.help"),
        on_change="rerun",
    )
    if not popover.open:
        return
    with reading() as session:
        classes = folder_classes(session, viewer(), batch_id)
    with popover:
        st.markdown(t("imports.folders.text"))
        named = list(classes.items())[:_CLASSES]
        lines = [f"- {plain(name)} · {n:,}" for name, n in named]
        if len(classes) > len(named):
            lines.append(f"- {t('imports.folders.more', n=f'{len(classes) - len(named):,}')}")
        st.markdown("\n".join(lines))
        confirm = t("imports.folders.confirm", n=f"{len(classes):,}")
        if st.button(confirm, key=f"folders_now_{batch_id}", type="primary"):
            try:
                event = label_by_folder(viewer(), batch_id)
            except UserError as error:
                st.error(plain(error))
            else:
                st.success(t(f"imports.folders.{'done' if event else 'nothing'}"))
