"""The questions about a model that its file does not answer."""

from typing import Any, get_args

import streamlit as st

from components.context import plain
from core.errors import UserError
from core.i18n import t
from core.models.class_files import ENDINGS, read_class_names
from core.models.settings import OwnSettings, numbered_classes, parse_classes
from core.models.tables import UserModel
from models.card import Colours, Resize


def ask(model: UserModel) -> OwnSettings:
    """Show the form, filled with what was found or tried last, and give what stands in it.

    Raises:
        UserError: a field cannot be read.
    """
    facts: dict[str, Any] = model.facts or {}
    stored: dict[str, Any] = model.settings or {}
    left, right = st.columns(2, gap="large")
    with left:
        classes = _ask_classes(model, facts, stored)
    with right:
        size = _ask_size(model, facts, stored)
        layer = _ask_layer(model, facts, stored)
        with st.expander(t("own_models.normalisation")):
            mean = _three(model, "mean", stored.get("mean", facts["mean"]))
            std = _three(model, "std", stored.get("std", facts["std"]))
            resize = _choose(model, "resize", get_args(Resize), stored, facts["resize"])
            colours = _choose(model, "colours", get_args(Colours), stored, "rgb")
    return OwnSettings(
        task=facts["task"],
        head=facts["head"],
        classes=classes,
        size=size,
        mean=mean,
        std=std,
        resize=resize,
        colours=colours,
        layer=layer,
        architecture=facts["architecture"],
    )


def _ask_classes(
    model: UserModel, facts: dict[str, Any], stored: dict[str, Any]
) -> tuple[str, ...]:
    wanted = facts["classes"]
    key = f"own_classes_{model.id}"
    numbered = numbered_classes(wanted or 0, t("own_models.class_word"))
    field = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        counted = st.container(width="stretch")
        with st.popover(t("own_models.classes_file"), icon=":material/upload_file:"):
            _take_class_file(model, key)
    if key not in st.session_state:
        names = stored.get("classes") or facts["names"] or numbered
        st.session_state[key] = "\n".join(names)
    text = field.text_area(
        t("own_models.classes"), key=key, height=200, help=t("own_models.classes_help")
    )
    classes = parse_classes(text)
    if wanted is None:
        counted.caption(t("own_models.classes_free", n=f"{len(classes):,}"))
    elif classes == numbered:
        counted.caption(f":orange[{t('own_models.classes_numbered', n=f'{wanted:,}')}]")
    else:
        said = t("own_models.classes_count", n=f"{len(classes):,}", wanted=f"{wanted:,}")
        counted.caption(said if len(classes) == wanted else f":orange[{said}]")
    return classes


def _take_class_file(model: UserModel, key: str) -> None:
    """Put the names of a file into the field, once."""
    uploaded = st.file_uploader(
        t("own_models.classes_file_help"), ENDINGS, key=f"own_file_{model.id}", max_upload_size=10
    )
    if uploaded is None or st.session_state.get(f"{key}_from") == uploaded.file_id:
        return
    try:
        names = read_class_names(uploaded.name, uploaded.getvalue())
    except UserError as error:
        st.error(plain(error))
        return
    st.session_state[f"{key}_from"] = uploaded.file_id
    st.session_state[key] = "\n".join(names)


def _ask_size(model: UserModel, facts: dict[str, Any], stored: dict[str, Any]) -> tuple[int, int]:
    height, width = stored.get("size", facts["input_size"])
    fixed = facts["fixed_size"]
    one, two = st.columns(2)
    chosen = [
        int(
            column.number_input(
                t(f"own_models.{name}"), 1, 10_000, side, key=f"own_{name}_{model.id}",
                disabled=fixed,
            )
        )
        for column, name, side in ((one, "height", height), (two, "width", width))
    ]  # fmt: skip
    if fixed:
        st.caption(t("own_models.fixed"))
    return chosen[0], chosen[1]


def _ask_layer(model: UserModel, facts: dict[str, Any], stored: dict[str, Any]) -> str | None:
    layers = {layer["name"]: layer for layer in facts["layers"]}
    default = facts["default_layer"]
    # An option None would get a button that clears it.
    options = [*([""] if default else []), *layers]
    if not options:
        return None

    def label(name: str) -> str:
        if not name:
            return t("own_models.layer_default", features=f"{default['features']:,}")
        layer = layers[name]
        shape = " × ".join(map(str, layer["shape"]))
        facts_of_layer = {"kind": layer["kind"], "shape": shape}
        return t("own_models.layer_option", name=name, features=layer["features"], **facts_of_layer)

    chosen = stored.get("layer") or ""
    found: str = st.selectbox(
        t("own_models.layer"),
        options,
        index=options.index(chosen) if chosen in options else 0,
        format_func=label,
        key=f"own_layer_{model.id}",
    )
    return found or None


def _choose(
    model: UserModel, name: str, options: tuple[Any, ...], stored: dict[str, Any], guess: str
) -> Any:
    return st.radio(
        t(f"own_models.{name}"),
        options,
        index=options.index(stored.get(name, guess)),
        format_func=lambda option: t(f"own_models.choice.{option}"),
        key=f"own_{name}_{model.id}",
    )


def _three(model: UserModel, name: str, guess: list[float]) -> tuple[float, float, float]:
    text = st.text_input(
        t(f"own_models.{name}"),
        ", ".join(f"{value:g}" for value in guess),
        key=f"own_{name}_{model.id}",
    )
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 3:
        raise UserError("own_models.three_numbers")
    return numbers[0], numbers[1], numbers[2]
