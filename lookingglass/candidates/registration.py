"""Taking a candidate in: the manifest is completed from the file, the model is tried in a worker, then it is recorded.

Whatever is wrong is one line, and nothing is changed: the file is stored only after the trial, the event comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookingglass.candidates.approval import approved_files
from lookingglass.candidates.formats import FORMATS, propose_format
from lookingglass.candidates.manifest import Manifest, check_name, fingerprint, load_manifest, parse_manifest
from lookingglass.candidates.predictions import parse_predictions, read_limited
from lookingglass.candidates.registry import REGISTERED, STREAM, Candidate, get_candidate, list_candidates
from lookingglass.candidates.worker.process import Worker
from lookingglass.canonical import sha256_hex
from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput, CandidateFailed, Conflict, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.ledger.roles import require

TRIAL_ROWS = 5
UNCHANGED = "Nothing was changed."

_SENTENCE_STARTS = ("wants ", "has ", "answered ", "was ", "takes ", "did ", "needs ", "could ", "holds ")


@dataclass(frozen=True)
class _Offer:
    """A file somebody wants to register, with what is said about it so far."""

    file_name: str
    data: bytes
    fields: dict[str, Any]

    @property
    def sha(self) -> str:
        return sha256_hex(self.data)


def register(
    home: Home,
    name: str,
    path: Path,
    *,
    format: str | None = None,  # the word of manifests and of the command line
    inputs: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    description: str | None = None,
    parent: str | None = None,
    change: str | None = None,
    actor: Actor,
) -> Candidate:
    """Register a model file, a predictions file, or a folder with a candidate.toml.

    What is not said is proposed: the format from suffix and content, inputs and classes from the model itself. What is
    said here goes before what a candidate.toml says. A model must load in a worker and answer for up to five rows of
    the present test set.

    Args:
        name: at most 64 letters, digits, dots, hyphens, underscores; never used before in this workspace.
        path: the file or folder.
        inputs: columns in the order the model wants.
        classes: the model's own class order; every one a value of the label.
        parent: the name of the candidate before this one.

    Raises:
        BadInput, NotFound: with one sentence; nothing was changed.
        NotAllowed: the actor may not register candidates.
    """
    require(home.config.people, actor.name, REGISTERED)  # before anything of the file is run
    check_name(name)
    seen = home.ledger.last_seq(STREAM)
    _refuse_taken(home, name)
    said: dict[str, Any] = {"format": format, "description": description, "parent": parent, "change": change}
    said |= {"inputs": _listed(inputs), "classes": _listed(classes)}
    offer = _open(path, {key: value for key, value in said.items() if value is not None} | {"name": name})
    if offer.fields.get("parent"):
        get_candidate(home, offer.fields["parent"])
    entry = FORMATS[offer.fields["format"]]
    if entry.needs_approval and offer.sha not in approved_files(home):
        raise BadInput(
            f"{offer.file_name} is a pickle, a program that could do anything: save the model with skops instead, "
            "or let an admin approve this one file with "
            f"`lookingglass candidates approve {home.folder} {offer.sha} --reason TEXT`."
        )
    manifest, tried = (
        _tried_in_worker(home, offer) if entry.needs_worker else _checked_predictions(home, offer)
    )
    files = {offer.file_name: home.files.add_bytes(offer.data)}
    return _record(home, manifest, files, actor, seen, {"tried_rows": tried})


def register_baseline(home: Home, prevalence: float, version: int, actor: Actor) -> Candidate:
    """Register the baseline that answers ``prevalence`` (0 to 1, of ``version``) for everybody; once in a workspace."""
    positive = home.config.task.positive_name
    share = f"{100 * prevalence:.1f} %"
    fields = {
        "format": "baseline",
        "classes": list(home.config.label_values),
        "prevalence": prevalence,
        "description": f"answers the share of '{positive}' in version {version} ({share}) for everybody",
    }
    while True:
        seen = home.ledger.last_seq(STREAM)
        candidates = {candidate.name: candidate for candidate in list_candidates(home, include_retired=True)}
        existing = [candidate for candidate in candidates.values() if candidate.manifest.format == "baseline"]
        if existing:
            return existing[0]
        names = ["baseline", *(f"baseline-{number}" for number in range(2, len(candidates) + 3))]
        name = next(each for each in names if each not in candidates)
        manifest = parse_manifest({"name": name, **fields}, "baseline")
        try:
            return _record(home, manifest, {}, actor, seen, {"version": version}, attempts=1)
        except Conflict:
            continue  # another process registered something meanwhile: look again


def _record(
    home: Home,
    manifest: Manifest,
    files: Mapping[str, str],
    actor: Actor,
    seen: int,
    more: Mapping[str, Any],
    attempts: int = 10,
) -> Candidate:
    identity = fingerprint(manifest, files)
    payload = {"name": manifest.name, "fingerprint": identity, "files": dict(files), **more}
    payload["manifest"] = manifest.model_dump(mode="json", exclude_defaults=True)
    for attempt in range(attempts):
        try:
            home.ledger.append(STREAM, REGISTERED, payload, actor, expected=seen)
            break
        except Conflict:
            if attempt + 1 == attempts:
                raise
            seen = home.ledger.last_seq(STREAM)
            _refuse_taken(home, manifest.name)
    return get_candidate(home, manifest.name)


def _refuse_taken(home: Home, name: str) -> None:
    for candidate in list_candidates(home, include_retired=True):
        if candidate.name == name:
            state = " (retired)" if candidate.retired else ""
            raise BadInput(
                f"The name {name} is taken{state}: {candidate.actor} registered it on {candidate.time[:10]}. "
                f"Choose another: a registered candidate never changes. {UNCHANGED}"
            )


def _open(path: Path, said: dict[str, Any]) -> _Offer:
    if path.is_dir():
        manifest = load_manifest(path)
        if manifest.file is None:
            raise BadInput(
                f'{path / "candidate.toml"}: file is missing: name the model file, such as file = "model.skops".'
            )
        fields = manifest.model_dump(exclude_defaults=True) | said
        file = path / manifest.file
    else:
        fields, file = dict(said), path
    data = read_limited(file)
    fields["file"] = _safe_name(file.name)
    if not data:
        raise BadInput(f"{file.name} is empty. {UNCHANGED}")
    if "format" not in fields:
        fields["format"] = propose_format(file)
    known = [name for name in FORMATS if name != "baseline"]
    if fields["format"] is None:
        raise BadInput(
            f"{file.name} is of no known format: save the model as ONNX or skops, or its answers as a predictions "
            f"file; or say which with --format ({', '.join(known)})."
        )
    if fields["format"] not in known:
        raise BadInput(
            f"There is no format {one_line(str(fields['format']), 40)!r} to add: there are {', '.join(known)}."
        )
    return _Offer(fields["file"], data, fields)


def _checked_predictions(home: Home, offer: _Offer) -> tuple[Manifest, int]:
    from lookingglass.testset import read_version

    config = home.config
    fields = {**offer.fields, "inputs": []}
    manifest = parse_manifest({"classes": list(config.label_values), **fields}, offer.file_name)
    _check_classes(offer.file_name, manifest.classes, config)
    frame = parse_predictions(offer.data, offer.file_name, config.task.id)
    ids = read_version(home).ids
    if len(ids) and not frame["example_id"].is_in(list(ids)).any():
        raise BadInput(
            f"{offer.file_name}: none of its {frame.height:,} ids is in the test set (its first is "
            f"{one_line(frame['example_id'][0], 60)!r}, the test set's is {one_line(ids[0], 60)!r}). {UNCHANGED}"
        )
    return manifest, frame.height


def _tried_in_worker(home: Home, offer: _Offer) -> tuple[Manifest, int]:
    fields = offer.fields
    given = parse_manifest(fields, offer.file_name)
    said = {"inputs": list(given.inputs) or None, "classes": list(given.classes) or None}
    with Worker(given.name, given.format, said, {offer.file_name: offer.data}, home.config.limits) as worker:
        try:
            facts = worker.facts
            inputs = said["inputs"] or _propose_inputs(offer.file_name, facts, home.config)
            classes = said["classes"] or _propose_classes(offer.file_name, facts, home.config)
            manifest = parse_manifest({**fields, "inputs": inputs, "classes": classes}, offer.file_name)
            _check_inputs(offer.file_name, manifest.inputs, home.config)
            _check_classes(offer.file_name, manifest.classes, home.config)
            text = len(inputs) == 1 and home.config.columns[inputs[0]].type == "text"
            worker.settle(inputs, classes, text)
            return manifest, _answer_some_rows(home, worker, inputs)
        except CandidateFailed as failure:
            raise BadInput(f"{_about(offer.file_name, str(failure))}. {UNCHANGED}") from None


def _answer_some_rows(home: Home, worker: Worker, inputs: list[str]) -> int:
    import numpy as np

    from lookingglass.testset import read_version

    test_set = read_version(home)
    rows = np.arange(min(TRIAL_ROWS, len(test_set.ids)))
    if len(rows):
        worker.predict_proba(test_set.inputs(inputs, rows))
    return len(rows)


def _propose_inputs(file_name: str, facts: Mapping[str, Any], config: WorkspaceConfig) -> list[str]:
    if facts["inputs"] is not None:
        return list(facts["inputs"])
    if facts["hint"] is not None and set(facts["hint"]) <= set(config.stored):
        return list(facts["hint"])
    if len(config.inputs) == 1 and facts["input_count"] in {None, 1}:
        return list(config.inputs)
    count = f" (it takes {facts['input_count']})" if facts["input_count"] is not None else ""
    raise BadInput(
        f"{file_name} does not name its columns{count}: say which, in the order it was trained with, "
        f"with --inputs a,b,c. {UNCHANGED}"
    )


def _propose_classes(file_name: str, facts: Mapping[str, Any], config: WorkspaceConfig) -> list[str]:
    if facts["classes"] is not None:
        return list(facts["classes"])
    raise BadInput(
        f"{file_name} does not name its classes: say them in its own order with --classes, such as --classes "
        f"{','.join(config.label_values)}. {UNCHANGED}"
    )


def _check_inputs(file_name: str, inputs: Sequence[str], config: WorkspaceConfig) -> None:
    if not inputs:
        raise BadInput(f"{file_name}: inputs is empty: name the columns the model wants. {UNCHANGED}")
    unknown = [column for column in inputs if column not in config.stored]
    if unknown:
        names = one_line(", ".join(unknown), 150)
        raise BadInput(f"{file_name} wants columns {names} that the workspace does not have. {UNCHANGED}")
    barred = [column for column in inputs if not config.columns[column].is_input]
    if barred:
        raise BadInput(
            f"{file_name} wants column {barred[0]}, which is no input here (its role is "
            f"{', '.join(config.columns[barred[0]].role)}): add the role feature in workspace.toml. {UNCHANGED}"
        )


def _check_classes(file_name: str, classes: Sequence[str], config: WorkspaceConfig) -> None:
    if (
        len(classes) < 2
        or not set(classes) <= set(config.label_values)
        or config.task.positive not in classes
    ):
        raise BadInput(
            f"{file_name} has other classes: {one_line(', '.join(classes), 100)}; the label {config.task.label} has "
            f"{one_line(', '.join(config.label_values), 100)}. Train it with these values. {UNCHANGED}"
        )


def _about(file_name: str, sentence: str) -> str:
    if sentence.startswith(file_name):
        return sentence
    return f"{file_name}{' ' if sentence.startswith(_SENTENCE_STARTS) else ': '}{sentence}"


def _safe_name(name: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in name)[:200]


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)
