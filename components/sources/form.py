"""The form for a folder or a bucket by its path, with a look at it before anything begins."""

from dataclasses import dataclass

import streamlit as st

from components.amounts import file_size
from components.context import plain, viewer
from core.errors import UserError
from core.i18n import t
from core.media.places import parse_place, permitted_roots
from core.settings import settings
from core.sources.preview import Preview, preview
from core.sources.verbs import begin_source

_BATCHES = ("day", "quiet")
_QUIET = 30  # minutes


@dataclass(frozen=True)
class _Looked:
    """What was seen, and of what, so that another path does not show it."""

    path: str
    recursive: bool
    seen: Preview


def source_form(project_id: int) -> None:
    """Take images from a path of the server into a project."""
    if st.session_state.pop(f"source_begun_{project_id}", False):
        # What was begun shows below; the form is closed and empty for the next one.
        st.session_state[f"source_{project_id}"] = False
        st.session_state[f"source_path_{project_id}"] = ""
    title = t("sources_form.title")
    section = st.expander(
        title, key=f"source_{project_id}", icon=":material/folder_open:", on_change="rerun"
    )
    if not section.open:
        return
    with section:
        if not settings().resolved_source_roots:
            st.info(t("sources_form.closed"), icon=":material/lock:")
            return
        _form(project_id)


def _form(project_id: int) -> None:
    roots = permitted_roots()
    path = st.text_input(
        t("sources_form.path"),
        key=f"source_path_{project_id}",
        placeholder="/data/line3   ·   s3://bucket/prefix",
        help=t("sources_form.path_help"),
    )
    if roots:
        st.caption(plain(t("sources_form.roots", roots=", ".join(roots))))
    how, options = st.columns(2)
    with how:
        in_place = st.radio(
            t("sources_form.how"),
            (False, True),
            format_func=lambda stays: t(f"sources_form.{'in_place' if stays else 'copied'}"),
            captions=(t("sources_form.copied_text"), t("sources_form.in_place_text")),
            key=f"source_how_{project_id}",
        )
    with options:
        label = t("sources_form.recursive")
        recursive = st.checkbox(label, True, key=f"source_recursive_{project_id}")
        watch, quiet_minutes = _watch_options(project_id)
    looked: _Looked | None = st.session_state.get(f"source_looked_{project_id}")
    fits = looked is not None and (looked.path, looked.recursive) == (path, recursive)
    seen = looked.seen if looked is not None and fits else None
    with st.container(horizontal=True):
        label, key = t("sources_form.look"), f"source_look_{project_id}"
        if st.button(label, key=key, type="secondary" if seen else "primary"):
            _look(project_id, path, recursive)
        if seen and st.button(
            t("sources_form.watch_now" if watch else "sources_form.begin"),
            key=f"source_begin_{project_id}",
            type="primary",
            disabled=not seen.files and not watch,
        ):
            _begin(project_id, path, in_place, recursive, watch, quiet_minutes)
    if seen:
        _show_preview(seen)


def _watch_options(project_id: int) -> tuple[bool, int]:
    """Whether to go on watching, and the pause in minutes that ends a batch; 0: the day does."""
    hint = t("sources_form.watch_help")
    watch = st.checkbox(t("sources_form.watch"), key=f"source_watch_{project_id}", help=hint)
    if not watch:
        return False, 0
    by = st.selectbox(
        t("sources_form.batches"),
        _BATCHES,
        format_func=lambda each: t(f"sources_form.batches_{each}"),
        key=f"source_batches_{project_id}",
    )
    if by == "day":
        return True, 0
    label = t("sources_form.quiet")
    return True, st.number_input(label, 1, 10_000, _QUIET, key=f"source_quiet_{project_id}")


def _look(project_id: int, path: str, recursive: bool) -> None:
    key = f"source_looked_{project_id}"
    st.session_state.pop(key, None)
    try:
        with st.spinner(t("sources_form.looking")):
            seen = preview(parse_place(path), recursive)
    except UserError as error:
        st.error(plain(error))
        return
    st.session_state[key] = _Looked(path, recursive, seen)
    st.rerun()


def _show_preview(seen: Preview) -> None:
    amount = {"n": f"{seen.files:,}", "size": file_size(seen.bytes)}
    if not seen.files and not seen.left_out_count:
        st.info(t("sources_form.nothing"))
        return
    st.markdown(t("sources_form.found" if seen.complete else "sources_form.found_more", **amount))
    if seen.names:
        lines = [plain(name) for name in seen.names]
        if seen.files > len(seen.names):
            lines.append(t("sources_form.and_more", n=f"{seen.files - len(seen.names):,}"))
        st.caption("  \n".join(lines))
    if seen.left_out:
        lines = [f"- {plain(name)}: {plain(reason)}" for name, reason in seen.left_out]
        left_out = t("sources_form.left_out", n=f"{seen.left_out_count:,}")
        st.warning("\n".join([left_out, "", *lines]), icon=":material/link_off:")


def _begin(
    project_id: int, path: str, in_place: bool, recursive: bool, watch: bool, quiet_minutes: int
) -> None:
    try:
        begin_source(
            viewer(),
            project_id,
            path,
            in_place=in_place,
            recursive=recursive,
            watch=watch,
            quiet_minutes=quiet_minutes,
        )
    except UserError as error:
        st.error(plain(error))
        return
    st.session_state.pop(f"source_looked_{project_id}", None)
    st.session_state[f"source_begun_{project_id}"] = True
    st.rerun()
