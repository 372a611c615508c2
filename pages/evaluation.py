"""How well a model does, measured against what people say is in the images."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.confusion import chart_text, show_confusion, show_images
from components.context import open_project, plain, require_project, viewer
from components.project_models import choose_used_model
from core.curation.palette import PALETTE
from core.database import reading
from core.evaluation.classification import accuracy, class_scores, confusion
from core.evaluation.detection import BoxScores, evaluate
from core.evaluation.pairs import paired_boxes
from core.evaluation.truth import NOTHING, Labels, TrueBoxes, true_boxes, true_labels
from core.i18n import t
from core.models.cards import all_cards
from core.projects.tables import Project
from core.search import quoted

_CURVES = 12  # classes in one picture


def _empty(project: Project, labels: Labels, *, unmatched: bool) -> None:
    """Why there is nothing to measure: nobody said anything, or nothing that can be compared."""
    assert project.id is not None
    if unmatched and not labels.missing:
        return  # said above, with the way on
    if labels.missing:
        st.info(t("evaluation.missing", n=f"{labels.missing:,}"))
        return
    st.info(t("evaluation.empty"))
    if st.button(t("evaluation.add"), type="primary", icon=":material/upload:"):
        open_project(project.id, "upload.py")


def _renamed(
    project: Project, unmatched: dict[str, int], known: list[str], *, nothing_else: bool
) -> None:
    """True classes that the model does not know, and what they are called there."""
    if not unmatched:
        return
    key = _names_key(project)
    st.warning(t("evaluation.unmatched", n=f"{sum(unmatched.values()):,}", classes=len(unmatched)))
    with st.expander(t("evaluation.mapping"), expanded=nothing_else):
        st.caption(t("evaluation.mapping_help"))
        for name, count in sorted(unmatched.items(), key=lambda item: -item[1])[:50]:
            chosen = st.selectbox(
                f"{plain(name)} ({count:,})", known, index=None, key=f"{key}:{name}"
            )
            if chosen:
                st.session_state.setdefault(key, {})[name] = chosen
                st.rerun()


def _names_key(project: Project) -> str:
    return f"class_names:{project.id}"


def _show_labels(project: Project, labels: Labels) -> None:
    matrix = confusion(labels.rows, labels.columns, len(labels.names))
    wrong = labels.image_ids[labels.rows != labels.columns]
    one, two, three = st.columns(3)
    one.metric(t("evaluation.accuracy"), f"{accuracy(matrix):.1%}")
    two.metric(t("evaluation.images"), f"{len(labels.image_ids):,}")
    three.metric(t("evaluation.wrong"), f"{len(wrong):,}")
    if labels.missing:
        st.caption(t("evaluation.missing", n=f"{labels.missing:,}"))
    see = t("evaluation.see_wrong", n=f"{len(wrong):,}")
    if st.button(see, disabled=len(wrong) == 0, key="see_wrong", icon=":material/close:"):
        show_images(project, wrong, t("evaluation.wrong"), "correct:no")
    show_confusion(
        project,
        labels,
        t("evaluation.true"),
        t("evaluation.predicted"),
        "evaluation",
        lambda true, predicted: f"truth:{quoted(true)} AND pred:{quoted(predicted)}",
    )
    scores = class_scores(matrix)
    # What the model says nothing of is no class of its own.
    table = pd.DataFrame(
        {
            "class": labels.names,
            "precision": 100 * scores.precision,
            "recall": 100 * scores.recall,
            "f1": 100 * scores.f1,
            "support": scores.support,
        }
    )
    _show_table(table[table["class"] != NOTHING])


def _show_boxes(project: Project, boxes: TrueBoxes) -> None:
    scores = evaluate(boxes.truth, boxes.found, len(boxes.names))
    one, two, three = st.columns(3)
    one.metric("mAP@0.5", _percent(scores.map_50), help=t("evaluation.map_help"))
    two.metric("mAP@0.5:0.95", _percent(scores.map_50_95), help=t("evaluation.map_help"))
    three.metric(t("evaluation.images"), f"{len(boxes.image_ids):,}")
    table = pd.DataFrame(
        {
            "class": boxes.names,
            "ap_50": 100 * scores.average_precision[0],
            "ap": 100 * scores.average_precision.mean(axis=0),
            "precision": 100 * scores.precision,
            "recall": 100 * scores.recall,
            "support": scores.true_boxes,
            "found": scores.found_boxes,
        }
    )
    _show_table(table)
    _show_curves(boxes.names, scores)
    st.markdown(f"**{t('evaluation.box_confusion')}**", help=t("evaluation.box_confusion_help"))
    show_confusion(
        project,
        paired_boxes(boxes),
        t("evaluation.true"),
        t("evaluation.predicted"),
        "evaluation_boxes",
        _boxes_query,
    )


def _boxes_query(true: str, found: str) -> str:
    """A query that probably finds the images in which the one was taken for the other."""
    terms = [
        f"truth:{quoted(true)}" * (true != NOTHING),
        f"box:{quoted(found)}" * (found != NOTHING),
    ]
    return " AND ".join(filter(None, terms))


def _show_curves(names: tuple[str, ...], scores: BoxScores) -> None:
    """Precision over recall of the classes with the most true boxes."""
    often = [int(n) for n in np.argsort(-scores.true_boxes, kind="stable") if scores.true_boxes[n]]
    figure = go.Figure()
    for index in often[:_CURVES]:
        recall, precision = scores.curves[index]
        figure.add_scatter(
            x=100 * np.concatenate([[0.0], recall]),
            y=100 * np.concatenate([precision[:1], precision]),
            name=chart_text(names[index]),
            mode="lines",
            line={"shape": "hv", "color": PALETTE[len(figure.data) % len(PALETTE)]},
            hovertemplate="%{x:.0f} % → %{y:.0f} %<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(
        height=340,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": t("evaluation.column.recall"), "range": [0, 101], "ticksuffix": " %"},
        yaxis={"title": t("evaluation.column.precision"), "range": [0, 103], "ticksuffix": " %"},
        showlegend=True,
    )
    st.markdown(f"**{t('evaluation.curves')}**", help=t("evaluation.curves_help"))
    if len(often) > _CURVES:
        st.caption(t("evaluation.most", shown=_CURVES, n=f"{len(often):,}"))
    st.plotly_chart(figure, key="box_curves", config={"displayModeBar": False})


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


def _show_table(table: pd.DataFrame) -> None:
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        column_config={
            name: st.column_config.TextColumn(t("evaluation.column.class"))
            if name == "class"
            else st.column_config.NumberColumn(
                t(f"evaluation.column.{name}"),
                format="%d" if name in ("support", "found") else "%.1f %%",
            )
            for name in table.columns
        },
    )


def main() -> None:
    """Draw the page."""
    project = require_project()
    st.title(t("evaluation.title"), anchor=False)
    model_key = choose_used_model(project, t("evaluation.model"), key="evaluated_model")
    renamed: dict[str, str] = st.session_state.get(_names_key(project), {})
    with reading() as session:
        card = all_cards(session).get(model_key)
        known = list(card.classes) if card else []
        given = (session, viewer(), project, model_key, known, renamed)
        labels, boxes = true_labels(*given), true_boxes(*given)
    # A classifier draws no boxes: it can neither be right nor wrong about them.
    draws = card is None or card.task == "detection"
    unmatched = {**labels.unmatched, **(boxes.unmatched if draws else {})}
    nothing = not len(labels.image_ids) and not len(boxes.image_ids)
    _renamed(project, unmatched, known, nothing_else=nothing)
    if nothing:
        _empty(project, labels, unmatched=bool(unmatched))
        return
    if len(labels.image_ids):
        st.subheader(t("evaluation.classes"), anchor=False)
        _show_labels(project, labels)
    if len(boxes.image_ids) and not draws:
        st.info(t("evaluation.no_boxes", n=f"{len(boxes.image_ids):,}"))
        if st.button(t("evaluation.to_models"), icon=":material/neurology:"):
            open_project(project.id or 0, "models.py")
    elif len(boxes.image_ids):
        st.subheader(t("evaluation.boxes"), anchor=False)
        _show_boxes(project, boxes)


main()
