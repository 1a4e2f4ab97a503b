"""What a file is, without registering it: its format, what it wants and answers, each check it passed or failed.

A model is only ever loaded in a worker. What a person could mend (columns, classes, format) is a failed check with its
sentence and not an exception; only the file that was tried, known by its SHA-256, is ever registered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookingglass.candidates.approval import approved_files
from lookingglass.candidates.checks import FILE_CHECKS, CheckResult, Outcome
from lookingglass.candidates.formats import FORMATS, format_of
from lookingglass.candidates.manifest import Manifest, fingerprint, parse_manifest
from lookingglass.candidates.predictions import parse_predictions
from lookingglass.candidates.proposal import Offer, Proposal, free_name, listed, open_offer
from lookingglass.candidates.registry import REGISTERED, list_candidates
from lookingglass.candidates.worker.facts import compare
from lookingglass.candidates.worker.process import UnsafeFile, Worker
from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput, CandidateFailed, LookingGlassError, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.ledger.roles import require

TRIAL_ROWS = 5
ADDABLE = tuple(name for name in FORMATS if name != "baseline")
"""Formats of files that people bring."""

_SENTENCE_STARTS = ("wants ", "has ", "answered ", "was ", "takes ", "did ", "needs ", "could ", "holds ")
_OF_MODELS = ("loads-in-isolation", "inputs-exist", "classes-match", "answers-trial-rows", "new-model")
_OF_PREDICTIONS = ("classes-match", "scores-readable", "examples-known", "new-model")
_NO_CODE = {
    "onnx": "It uses ONNX's own operators only and keeps its data in the file.",
    "skops": "Every type in it is one that was reviewed.",
}


def inspect_file(
    home: Home,
    path: Path,
    *,
    name_hint: str | None = None,
    file_name: str | None = None,
    format: str | None = None,  # the word of manifests and of the command line
    inputs: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    actor: Actor,
    on_step: Callable[[str], None] | None = None,
) -> Proposal:
    """Say what a model file, predictions file, or folder with a candidate.toml is; nothing is stored or recorded.

    Args:
        name_hint: what to make the proposed name from; the file's own name when None.
        file_name: how the file is called in what is told, when ``path`` is a copy under another name.
        format, inputs, classes: what a person says; proposed from the file when None.
        on_step: told in a few words what is being done, as it is begun.

    Raises:
        NotAllowed: the actor may not register candidates, so nothing of the file is run.
        NotFound, BadInput: the file or the folder's candidate.toml cannot be read.
    """
    require(home.config.people, actor.name, REGISTERED)
    said = {"format": format, "inputs": listed(inputs), "classes": listed(classes)}
    offer = open_offer(path, {key: value for key, value in said.items() if value is not None}, file_name)
    hint = name_hint or offer.fields.get("name") or Path(offer.file_name).stem
    offer.fields["name"] = free_name(home, hint)
    return inspect_offer(home, offer, on_step)


def inspect_offer(home: Home, offer: Offer, on_step: Callable[[str], None] | None = None) -> Proposal:
    """Make every check that applies to an opened file."""
    inspection = _Inspection(home, offer, on_step or (lambda _words: None))
    return inspection.run()


class _Refused(Exception):
    """A check failed, so that those after it cannot be made."""

    def __init__(self, code: str, error: LookingGlassError | str, way: str = "") -> None:
        self.code, self.way = code, way
        self.error = error if isinstance(error, LookingGlassError) else BadInput(error)


@dataclass
class _Inspection:
    """One file on its way through the checks."""

    home: Home
    offer: Offer
    step: Callable[[str], None]
    results: dict[str, CheckResult] = field(default_factory=dict)
    refused: _Refused | None = None
    found: dict[str, Any] = field(default_factory=dict)

    def run(self) -> Proposal:
        offer, wanted = self.offer, tuple(FILE_CHECKS)[:3]
        fields, manifest = {"format": None, **offer.fields}, None
        try:
            fields["format"] = self._known_format()
            entry = FORMATS[fields["format"]]
            wanted += _OF_MODELS if entry.needs_worker else _OF_PREDICTIONS
            self._code(fields["format"])
            fields |= self._model(fields) if entry.needs_worker else self._predictions(fields)
            if self.refused is None:
                manifest = parse_manifest(fields, offer.file_name)
                self._same_model(manifest)
        except _Refused as refused:
            self._fail(refused)
        for code in wanted:
            if code not in self.results:
                self._note(code, "not applicable", "Not looked at, because of what is said above.")
        known = self.results if len(wanted) > 3 else {code: self.results[code] for code in wanted[:2]}
        return Proposal(
            name=str(fields.get("name", "")),
            file_name=offer.file_name,
            sha=offer.sha,
            size=len(offer.data),
            format=fields["format"],
            manifest=manifest,
            checks=tuple(known[code] for code in FILE_CHECKS if code in known),
            error=self.refused.error if self.refused else None,
            way=self.refused.way if self.refused else "",
            **self.found,
        )

    def _note(self, code: str, outcome: Outcome, sentence: str) -> None:
        self.results[code] = CheckResult(code, outcome, sentence)

    def _fail(self, refused: _Refused) -> None:
        self._note(refused.code, "failed", str(refused.error))
        self.refused = self.refused or refused

    def _known_format(self) -> str:
        name, data, said = self.offer.file_name, self.offer.data, self.offer.fields.get("format")
        if not data:
            raise _Refused("file-not-empty", f"{name} is empty: choose the file again, or save it again.")
        self._note("file-not-empty", "passed", f"{len(data):,} bytes, SHA-256 {self.offer.sha[:8]}.")
        proposed = said if said is not None else format_of(name, data)
        if proposed is None:
            raise _Refused(
                "format-known",
                f"{name} is of no known format: save the model as ONNX or skops, or its answers as a predictions file.",
                f"Or say which it is with --format ({', '.join(ADDABLE)}).",
            )
        if proposed not in ADDABLE:
            raise _Refused(
                "format-known",
                f"There is no format {one_line(str(proposed), 40)!r} to add: there are {', '.join(ADDABLE)}.",
            )
        self._note("format-known", "passed", f"{FORMATS[proposed].title}.")
        return str(proposed)

    def _code(self, format_name: str) -> None:
        """Refuse programs that nobody approved; whether other models bring code is seen when they are loaded."""
        entry, offer = FORMATS[format_name], self.offer
        if not entry.needs_worker:
            self._note("no-code-in-file", "not applicable", "A predictions file runs no model.")
        if not entry.needs_approval:
            return
        approval = approved_files(self.home).get(offer.sha)
        if approval is None:
            raise _Refused(
                "no-code-in-file",
                f"{offer.file_name} is a pickle, a program that could do anything: save the model with skops instead, "
                "or let an admin approve this one file by its SHA-256.",
                f"`lookingglass candidates approve {self.home.folder} {offer.sha} --reason TEXT` does that.",
            )
        self._note(
            "no-code-in-file",
            "tip",
            f"It is a program; {approval.actor} approved this one file on {approval.time[:10]}: "
            f"{one_line(approval.payload['reason'], 200)}",
        )

    def _model(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Load the model in a worker and ask it; returns the inputs and classes that are meant."""
        offer, config = self.offer, self.home.config
        format_name = str(fields["format"])
        self.step("Starting a process of its own and loading the model in it")
        nothing_said = {"inputs": None, "classes": None, "pixels": config.pixels}
        files = {offer.file_name: offer.data}
        with Worker(str(fields["name"]), format_name, nothing_said, files, config.limits) as worker:
            try:
                facts = worker.facts
            except UnsafeFile as error:
                raise _Refused("no-code-in-file", self._about(error)) from None
            except CandidateFailed as error:
                if "no-code-in-file" not in self.results:
                    self._note("no-code-in-file", "not applicable", "It could not be loaded.")
                raise _Refused("loads-in-isolation", self._about(error)) from None
            if format_name in _NO_CODE:
                self._note("no-code-in-file", "passed", _NO_CODE[format_name])
            self._note("loads-in-isolation", "passed", f"In force: {worker.isolation.words}.")
            self.found["model_inputs"] = _tuple(facts["inputs"])
            self.found["model_classes"] = _tuple(facts["classes"])
            inputs = self._try("inputs-exist", lambda: self._inputs(fields, facts))
            classes = self._try("classes-match", lambda: self._classes(fields, facts))
            if inputs is None or classes is None:
                return {}
            self._answers(worker, inputs, classes)
        return {"inputs": inputs, "classes": classes}

    def _try(self, code: str, check: Callable[[], tuple[list[str], str]]) -> list[str] | None:
        """Make one check whose failure does not keep its neighbour from being made."""
        try:
            names, sentence = check()
        except _Refused as refused:
            self._fail(refused)
            return None
        except CandidateFailed as error:
            self._fail(_Refused(code, self._about(error)))
            return None
        self._note(code, "passed", sentence)
        return names

    def _inputs(self, fields: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[list[str], str]:
        config, file_name = self.home.config, self.offer.file_name
        inputs = list(fields.get("inputs") or _proposed_inputs(file_name, facts, config))
        self.found["inputs"] = tuple(name for name in inputs if name in config.inputs)
        unknown = [column for column in inputs if column not in config.stored]
        if unknown:
            names = one_line(", ".join(unknown), 150)
            raise _Refused(
                "inputs-exist", f"{file_name} wants columns {names} that the workspace does not have."
            )
        barred = [column for column in inputs if not config.columns[column].is_input]
        if barred:
            raise _Refused(
                "inputs-exist",
                f"{file_name} wants column {barred[0]}, which is no input here (its role is "
                f"{', '.join(config.columns[barred[0]].role)}): add the role feature in workspace.toml.",
            )
        compare(facts, inputs, None, config.pixels)
        self._parsed(inputs=inputs)
        count = f"{len(inputs)} columns, in the model's order" if len(inputs) > 1 else "One column"
        return inputs, f"{count}: {one_line(', '.join(inputs), 200)}."

    def _classes(self, fields: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[list[str], str]:
        config, file_name = self.home.config, self.offer.file_name
        classes = fields.get("classes") or facts["classes"]
        if classes is None:
            raise _Refused(
                "classes-match",
                f"{file_name} does not name its classes: say them in its own order.",
                f"Say them with --classes, such as --classes {','.join(config.label_values)}.",
            )
        classes = list(classes)
        self.found["classes"] = tuple(name for name in classes if name in config.label_values)
        compare(facts, None, classes)
        check_classes(file_name, classes, config)
        self._parsed(classes=classes)
        return classes, f"In the model's order: {one_line(', '.join(classes), 200)}."

    def _answers(self, worker: Worker, inputs: list[str], classes: list[str]) -> None:
        import numpy as np

        from lookingglass.testset import read_version

        text = len(inputs) == 1 and self.home.config.columns[inputs[0]].type == "text"
        test_set = read_version(self.home)
        rows = np.arange(min(TRIAL_ROWS, len(test_set.ids)))
        self.found["tried_rows"] = len(rows)
        if not len(rows):
            self._note("answers-trial-rows", "not applicable", "The test set has no rows yet.")
            return
        self.step(f"Asking the model for {len(rows)} rows of the test set")
        try:
            worker.settle(inputs, classes, text)
            worker.predict_proba(test_set.inputs(inputs, rows))
        except CandidateFailed as error:
            raise _Refused("answers-trial-rows", self._about(error)) from None
        self._note(
            "answers-trial-rows",
            "passed",
            f"It answered {len(rows)} rows of version {test_set.version}: finite, from 0 to 1, each row sums to 1.",
        )

    def _predictions(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        from lookingglass.testset import read_version

        config, file_name = self.home.config, self.offer.file_name
        classes = list(fields.get("classes") or config.label_values)
        self.found["classes"] = tuple(classes)
        check_classes(file_name, classes, config)
        self._parsed(classes=classes)
        self._note("classes-match", "passed", f"A score is the probability of '{config.task.positive}'.")
        self.step("Reading the predictions")
        try:
            frame = parse_predictions(self.offer.data, file_name, config.task.id)
        except LookingGlassError as error:
            raise _Refused("scores-readable", error) from None
        self.found["tried_rows"] = frame.height
        self._note(
            "scores-readable", "passed", f"{frame.height:,} scores from 0 to 1, each of another example."
        )
        test_set = read_version(self.home)
        ids = list(test_set.ids)
        there = int(frame["example_id"].is_in(ids).sum()) if ids else 0
        if ids and not there:
            raise _Refused(
                "examples-known",
                f"{file_name}: none of its {frame.height:,} ids is in the test set (its first is "
                f"{one_line(frame['example_id'][0], 60)!r}, the test set's is {one_line(ids[0], 60)!r}).",
            )
        if not ids:
            self._note("examples-known", "not applicable", "The test set has no rows yet.")
        elif there < len(ids):
            lacks = f"It scores {there:,} of the {len(ids):,} examples of version {test_set.version}"
            self._note("examples-known", "tip", f"{lacks}; it is not ranked until the others arrive.")
        else:
            self._note(
                "examples-known",
                "passed",
                f"All {len(ids):,} examples of version {test_set.version} are scored.",
            )
        return {"inputs": [], "classes": classes}

    def _same_model(self, manifest: Manifest) -> None:
        identity = fingerprint(manifest, {self.offer.file_name: self.offer.sha})
        for candidate in list_candidates(self.home, include_retired=True):
            if candidate.fingerprint == identity:
                state = ", retired since" if candidate.retired else ""
                words = f"{candidate.name} is the same model{state}: {candidate.actor} registered it on "
                self._note(
                    "new-model", "tip", f"{words}{candidate.time[:10]}. Both would have the same figures."
                )
                return
        self._note("new-model", "passed", f"Its fingerprint {identity[7:15]} is new here.")

    def _parsed(self, **names: list[str]) -> None:
        """Refuse what a manifest cannot hold, such as a name twice."""
        code = "inputs-exist" if "inputs" in names else "classes-match"
        try:
            parse_manifest({"name": "inspected", "format": "skops", **names}, self.offer.file_name)
        except BadInput as error:
            raise _Refused(code, error) from None

    def _about(self, failure: CandidateFailed) -> str:
        sentence, file_name = str(failure), self.offer.file_name
        if not sentence.startswith(file_name):
            sentence = f"{file_name}{' ' if sentence.startswith(_SENTENCE_STARTS) else ': '}{sentence}"
        return sentence if sentence.endswith(".") else f"{sentence}."


def _proposed_inputs(file_name: str, facts: Mapping[str, Any], config: WorkspaceConfig) -> list[str]:
    if facts["inputs"] is not None:
        return list(facts["inputs"])
    if facts["hint"] is not None and set(facts["hint"]) <= set(config.stored):
        return list(facts["hint"])
    if len(config.inputs) == 1 and facts["input_count"] in {None, 1, config.pixels}:
        return list(config.inputs)
    count = f" (it takes {facts['input_count']})" if facts["input_count"] is not None else ""
    raise _Refused(
        "inputs-exist",
        f"{file_name} does not name its columns{count}: say which, in the order it was trained with.",
        "Name them with --inputs a,b,c.",
    )


def check_classes(file_name: str, classes: Sequence[str], config: WorkspaceConfig) -> None:
    """Refuse classes that are not values of this workspace's label."""
    known = set(config.label_values)
    if len(classes) < 2 or not set(classes) <= known or config.task.positive not in classes:
        raise _Refused(
            "classes-match",
            f"{file_name} has other classes: {one_line(', '.join(classes), 100)}; the label {config.task.label} has "
            f"{one_line(', '.join(config.label_values), 100)}. Train it with these values.",
        )


def _tuple(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
