"""Finds out what is to be explained: the example's values, what-if values over them, and the modality they call for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lookingglass.candidates import Candidate
from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.errors import BadInput
from lookingglass.explanations.asked import ModelAsked
from lookingglass.explanations.local import Task
from lookingglass.explanations.result import Modality
from lookingglass.explanations.settings import ExplainSettings, seed_of
from lookingglass.home import Home
from lookingglass.testset import read_version
from lookingglass.testset.image_cells import ImageIntake
from lookingglass.testset.values import typed_values

if TYPE_CHECKING:
    from lookingglass.explanations.background import Background

WHAT_IF = "what-if:"


@dataclass(frozen=True)
class Subject:
    """What is explained.

    Attributes:
        values: every input of the candidate, by column, in its declared type; an image by its name.
        images: PNG bytes of each image among them, by its name.
        overrides: the values that were changed, None when the example is explained as it is.
    """

    example_id: str
    input_id: str
    values: Mapping[str, Any]
    images: Mapping[str, bytes]
    overrides: Mapping[str, Any] | None

    @property
    def content(self) -> str:
        """The hash of what the candidate is shown: two examples that say the same are explained the same."""
        return sha256_hex(canonical_json([[name, _named(value)] for name, value in self.values.items()]))

    def seed(self, fingerprint: str, settings: ExplainSettings) -> int:
        """Return the seed of the explanation."""
        return seed_of(fingerprint, self.content, settings.drawn)


def modality_of(home: Home, candidate: Candidate) -> Modality:
    """Return how a candidate's inputs are explained. Raises BadInput where images stand beside other columns."""
    types = [home.config.columns[name].type for name in candidate.manifest.inputs]
    if "image" in types and len(types) > 1:
        raise BadInput(
            f"{candidate.name} takes an image beside other columns, which cannot be explained together: "
            "explain a candidate that takes the image alone."
        )
    if "image" in types:
        return "image"
    return "text" if types and all(each == "text" for each in types) else "tabular"


def subject_of(
    home: Home,
    candidate: Candidate,
    example_id: str,
    version: int | None,
    overrides: Mapping[str, Any] | None,
) -> Subject:
    """Return the example's values with the what-if values over them.

    Raises:
        NotFound: there is no such example or version.
        BadInput: a what-if value is not for an input of the candidate, or does not fit its column.
    """
    test_set = read_version(home, version)
    position = test_set.position(example_id)
    row = test_set.rows.row(position, named=True)
    inputs = candidate.manifest.inputs
    values = {name: row[name] for name in inputs}
    images: dict[str, bytes] = {}
    changed: dict[str, Any] | None = None
    intake = ImageIntake(home.files)
    if overrides is not None:
        unknown = next((name for name in overrides if name not in inputs), None)
        if unknown is not None:
            raise BadInput(
                f"{unknown} is no input of {candidate.name}, so changing it changes no score: "
                f"its inputs are {', '.join(inputs)}."
            )
        typed = typed_values(overrides, home.config, intake)
        texts = {name for name in inputs if home.config.columns[name].type == "text"}
        changed = {  # an emptied text is a text, not a missing value
            name: "" if name in texts and overrides[name] == "" else value for name, value in typed.items()
        }
        values |= changed
    for name in inputs:
        if home.config.columns[name].type == "image":
            images[values[name]] = intake.png(values[name])
    subject = Subject(example_id, bytes(row["@input_id"]).hex(), values, images, changed)
    return subject if changed is None else replace(subject, input_id=WHAT_IF + subject.content)


def settings_for(home: Home, candidate: Candidate, settings: ExplainSettings) -> ExplainSettings:
    """Return the settings with the hash of the frozen background that this candidate's variations are drawn from."""
    if modality_of(home, candidate) == "text":
        return replace(settings, background="")
    return replace(settings, background=_background(home).name)


def task_of(home: Home, subject: Subject, asked: ModelAsked, settings: ExplainSettings) -> Task:
    """Return the example taken apart for LIME. Raises BadInput."""
    modality = modality_of(home, asked.candidate)
    if modality == "text":
        from lookingglass.explanations.text import TextTask

        return TextTask(subject.values, asked)
    if modality == "image":
        from lookingglass.explanations.images import ImageTask

        ((column, name),) = subject.values.items()
        return ImageTask(column, name, subject.images[name], _background(home), asked)
    from lookingglass.explanations.tabular import TableTask

    return TableTask(subject.values, home.config, _background(home), asked)


def _background(home: Home) -> Background:
    from lookingglass.explanations.background import background_of

    return background_of(home)


def _named(value: Any) -> Any:
    return value.hex() if isinstance(value, float) else value
