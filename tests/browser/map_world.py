"""A data folder with a project, pictures and two finished maps, for tests of the map page.

`python -m tests.browser.map_world` makes it in DATAG_DATA_DIR, in a process of its own because a
process knows one data folder, and prints what is in it as JSON; with a project, a tag and ids of
images it tags those.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.browser.harness import ROOT

SIZE = 30  # images of each class
CLASSES = ("bolt", "<b>nut</b>", "washer & ring")
_COLOURS = ((200, 60, 60), (60, 150, 80), (70, 90, 200))


@dataclass(frozen=True)
class World:
    """What is in the folder, by image id."""

    folder: Path
    project: int
    #: The project that links of the first one do not lead to.
    other_project: int
    #: A flat map of all images, and one in 3D of all but the last class.
    flat: int
    deep: int
    classes: dict[int, str]
    #: A metadata field of whole numbers 0 to 9.
    marks: dict[int, int]

    @property
    def ids(self) -> list[int]:
        """All images."""
        return sorted(self.classes)

    def of_class(self, name: str) -> set[int]:
        """The images of a class."""
        return {image_id for image_id, label in self.classes.items() if label == name}

    def marked(self, *marks: int) -> set[int]:
        """The images with one of these marks."""
        return {image_id for image_id, mark in self.marks.items() if mark in marks}

    def tag(self, name: str, image_ids: Iterable[int]) -> None:
        """Tag images as somebody else would, from another process."""
        _run(self.folder, str(self.project), name, *map(str, image_ids))


def make_world(folder: Path) -> World:
    """Make the folder in a process of its own."""
    said: dict[str, Any] = json.loads(_run(folder).splitlines()[-1])
    for name in ("classes", "marks"):
        said[name] = {int(image_id): value for image_id, value in said[name].items()}
    return World(folder, **said)


def _run(folder: Path, *arguments: str) -> str:
    """Run this module; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.map_world", *arguments],
        env={**os.environ, "DATAG_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _tag(project: str, name: str, *image_ids: str) -> None:
    from core.accounts.access import local_viewer
    from core.curation import add_tag

    add_tag(local_viewer(), int(project), name, [int(image_id) for image_id in image_ids])


def _fill() -> dict[str, Any]:
    """Write everything; what `World` needs of it."""
    from core.accounts.access import local_viewer
    from core.analysis.tables import Prediction
    from core.database import upgrade, writing
    from core.jobs import queue, runner
    from core.maps.run import begin_map, run_map
    from core.media import thumbnails
    from core.media.tables import Image
    from core.projects.store import create_project
    from tests.core.maps.conftest import MODEL, add_images, three_groups

    upgrade()
    queue.prepare()
    viewer = local_viewer()
    project = create_project(viewer, "Small parts", MODEL)
    other = create_project(viewer, "Other parts", MODEL)
    assert project.id is not None and other.id is not None
    features, groups = three_groups(SIZE, dimensions=8)
    ids = add_images(viewer, project.id, features)
    add_images(viewer, other.id, features[:12])
    marks = {}
    with writing() as session:
        for place, image_id in enumerate(ids.tolist()):
            image = session.get_one(Image, image_id)
            image.attributes = {"mark": place % 10}
            marks[image_id] = place % 10
            pixels = np.full((48, 64, 3), _COLOURS[groups[place]], dtype=np.uint8)
            pixels[:, : place % 10 * 6] //= 2
            thumbnails.keep({image.content_hash: thumbnails.make(pixels).jpeg})
            session.add(
                Prediction(
                    image_id=image_id,
                    model_key=MODEL,
                    label=CLASSES[groups[place]],
                    confidence=0.5 + place / 200,
                )
            )
    made = []
    for chosen, dimensions in ((ids, 2), (ids[: 2 * SIZE], 3)):
        new, job = begin_map(viewer, project.id, chosen, {"kind": "all"}, "pca", dimensions, {})
        runner.run(job.id, {"map": run_map})
        made.append(new.id)
    labels = [CLASSES[group] for group in groups.tolist()]
    return {
        "project": project.id,
        "other_project": other.id,
        "flat": made[0],
        "deep": made[1],
        "classes": dict(zip(ids.tolist(), labels, strict=True)),
        "marks": marks,
    }


if __name__ == "__main__":
    if sys.argv[1:]:
        _tag(*sys.argv[1:])
    else:
        print(json.dumps(_fill()))
