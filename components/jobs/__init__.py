"""The progress of a project's jobs: what runs, how fast, how long still; cancel and go on."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from components.context import plain, viewer
from core.database import now, reading
from core.i18n import t
from core.jobs import queue
from core.jobs.store import ACTIVE, project_jobs
from core.jobs.tables import Job, JobState

_REFRESH = 1.0  # seconds
_SHOW_ENDED = 600  # seconds that a failed or cancelled job stays in sight unless resumed
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.CANCELLED)
_Wanted = Callable[[Job], bool]


def job_panel(
    project_id: int,
    kinds: tuple[str, ...] | None = None,
    wanted: _Wanted = lambda _job: True,
    place: str = "",
) -> None:
    """Show a project's unfinished jobs; refreshes itself while any is active.

    When one ends, the whole page runs again, so that what it made appears.

    Args:
        wanted: which of them belong here.
        place: tells several panels of a page apart.
    """
    key = f"active_jobs:{project_id}:{kinds}:{place}"
    active = {job.id for job in _jobs(project_id, kinds, wanted) if job.state in ACTIVE}
    st.session_state[key] = active
    _panel(project_id, kinds, wanted, key, run_every=_REFRESH if active else None)


def _jobs(project_id: int, kinds: tuple[str, ...] | None, wanted: _Wanted) -> list[Job]:
    with reading() as session:
        jobs = project_jobs(session, viewer(), project_id, _UNFINISHED, kinds)
    return [job for job in jobs if wanted(job) and (job.state in ACTIVE or _is_recent(job))]


def _is_recent(job: Job) -> bool:
    ended = job.finished_at or datetime.fromtimestamp(0, UTC)
    return (now() - ended).total_seconds() < _SHOW_ENDED


def _panel(
    project_id: int,
    kinds: tuple[str, ...] | None,
    wanted: _Wanted,
    key: str,
    run_every: float | None,
) -> None:
    @st.fragment(run_every=run_every)
    def show() -> None:
        jobs = _jobs(project_id, kinds, wanted)
        active = {job.id for job in jobs if job.state in ACTIVE}
        if active != st.session_state.get(key):
            st.rerun()
        for job in jobs:
            _show_job(job)

    show()


def _show_job(job: Job) -> None:
    with st.container(border=True, key=f"job_{job.id}"):
        text, action = st.columns([5, 1], vertical_alignment="center")
        with text:
            if job.state in ACTIVE:
                st.progress(_share(job), text=_progress_text(job))
            elif job.state == JobState.CANCELLED:
                st.markdown(f"**{t('jobs.kind.' + job.kind)}** · {t('jobs.state.cancelled')}")
            else:
                st.error(plain(t(job.error or "jobs.crashed", **job.error_params)))
        with action:
            _show_action(job)


def _show_action(job: Job) -> None:
    if job.state in ACTIVE:
        if job.cancel_requested:
            st.caption(t("jobs.stopping"))
        else:
            st.button(
                t("jobs.cancel"),
                key=f"cancel_{job.id}",
                on_click=queue.cancel,
                args=(viewer(), job.id),
                width="stretch",
            )
    else:
        label = t("jobs.resume" if job.state == JobState.CANCELLED else "jobs.retry")
        if st.button(label, key=f"resume_{job.id}_{job.attempt}", width="stretch"):
            queue.resume(viewer(), job.id)
            st.rerun()


def _share(job: Job) -> float:
    return min(job.done / job.total, 1.0) if job.total else 0.0


def _progress_text(job: Job) -> str:
    if job.state == JobState.QUEUED or job.stage is None:
        return f"{t('jobs.kind.' + job.kind)} · {t('jobs.state.queued')}"
    parts = [plain(t(job.stage, **job.stage_params))]
    if job.total:
        parts.append(_amount(job))
    rate = _rate(job)
    if rate and job.total:
        parts.append(t("jobs.rate", rate=f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"))
        parts.append(t("jobs.left", time=duration((job.total - job.done) / rate)))
    return " · ".join(parts)


def _amount(job: Job) -> str:
    if job.total and _counts_bytes(job):
        return f"{job.done / 1e6:.1f} / {job.total / 1e6:.1f} MB"
    return f"{job.done:,} / {job.total:,}"


def _counts_bytes(job: Job) -> bool:
    return str(job.stage).endswith((".weights", ".download"))


def _rate(job: Job) -> float | None:
    """Items a second since the stage began, as this visitor saw it; None until it is known."""
    if not job.total or _counts_bytes(job):
        return None
    seen: dict[str, tuple[str | None, int, float]] = st.session_state.setdefault("job_rates", {})
    moment = job.updated_at.timestamp()
    stage, done, since = seen.setdefault(job.id, (job.stage, job.done, moment))
    if stage != job.stage or job.done < done:
        seen[job.id] = (job.stage, job.done, moment)
        return None
    return (job.done - done) / (moment - since) if moment - since > 1 and job.done > done else None


def duration(seconds: float) -> str:
    """A time span in words."""
    if seconds < 90:
        return t("jobs.seconds", n=max(round(seconds), 1))
    if seconds < 90 * 60:
        return t("jobs.minutes", n=round(seconds / 60))
    return t("jobs.hours", h=int(seconds // 3600), m=round(seconds % 3600 / 60))
