"""Taking a candidate in: the file is inspected and its model tried in a worker, then stored, then recorded.

Whatever is wrong is one line, and nothing is changed: the file is stored only after the trial, the event comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lookingglass.candidates.approval import approved_files
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.inspection import inspect_offer
from lookingglass.candidates.manifest import Manifest, check_name, fingerprint, parse_manifest
from lookingglass.candidates.proposal import Offer, Proposal, listed, open_offer
from lookingglass.candidates.registry import (
    REGISTERED,
    STREAM,
    Candidate,
    earlier_request,
    get_candidate,
    list_candidates,
)
from lookingglass.errors import BadInput, Conflict, ImportRejected
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.ledger.roles import require

UNCHANGED = "Nothing was changed."


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
    trained_on: str | None = None,
    trained_by: str | None = None,
    data_hash: str | None = None,
    code_commit: str | None = None,
    proposal: Proposal | None = None,
    key: str | None = None,
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
        proposal: what ``inspect_file`` said of this very file, so that the model is not tried a second time; its
            format, inputs and classes hold where none are said here.
        key: idempotency key; the same request again returns the candidate that it registered.

    Raises:
        BadInput, NotFound: with one sentence; nothing was changed.
        NotAllowed: the actor may not register candidates.
    """
    require(home.config.people, actor.name, REGISTERED)  # before anything of the file is run
    check_name(name)
    earlier = earlier_request(home, key)
    if earlier is not None and earlier.payload.get("name") == name:
        return get_candidate(home, name)
    seen = home.ledger.last_seq(STREAM)
    _refuse_taken(home, name)
    said: dict[str, Any] = {"format": format, "description": description, "parent": parent, "change": change}
    said |= {"trained_on": trained_on, "trained_by": trained_by, "data_hash": data_hash}
    said |= {"code_commit": code_commit, "inputs": listed(inputs), "classes": listed(classes)}
    offer = open_offer(
        path,
        {field: value for field, value in said.items() if value is not None} | {"name": name},
        proposal.file_name if proposal is not None else None,
    )
    if offer.fields.get("parent"):
        get_candidate(home, offer.fields["parent"])
    _refuse_wrong_words(offer)
    if proposal is None or not _speaks_of(proposal, offer):
        proposal = inspect_offer(home, offer)
    manifest = _manifest_of(home, proposal, offer)
    files = {offer.file_name: home.files.add_bytes(offer.data)}
    more = {"tried_rows": proposal.tried_rows, "checks": [each.to_json() for each in proposal.checks]}
    return _record(home, manifest, files, actor, seen, more, key=key)


def name_trouble(home: Home, name: str) -> str | None:
    """Return why ``name`` cannot be the name of a new candidate, in one sentence; None when it can."""
    try:
        check_name(name)
        _refuse_taken(home, name)
    except BadInput as error:
        return str(error)
    return None


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
    key: str | None = None,
) -> Candidate:
    identity = fingerprint(manifest, files)
    payload = {"name": manifest.name, "fingerprint": identity, "files": dict(files), **more}
    payload["manifest"] = manifest.model_dump(mode="json", exclude_defaults=True)
    for attempt in range(attempts):
        try:
            home.ledger.append(STREAM, REGISTERED, payload, actor, key=key, expected=seen)
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


def _refuse_wrong_words(offer: Offer) -> None:
    """Refuse a description that a manifest cannot hold before the model is run."""
    words = {key: value for key, value in offer.fields.items() if key not in {"format", "inputs", "classes"}}
    parse_manifest({**words, "format": "baseline"}, offer.file_name)


def _speaks_of(proposal: Proposal, offer: Offer) -> bool:
    """Whether an inspection says all that is needed of this offer; raises BadInput when it was of another file."""
    if proposal.sha != offer.sha:
        raise BadInput(
            f"{offer.file_name} was changed since it was inspected: choose it again, so that what is registered is "
            f"what was tried. {UNCHANGED}"
        )
    if proposal.manifest is None:
        return False
    same = {"format": proposal.format, "inputs": list(proposal.inputs), "classes": list(proposal.classes)}
    return all(offer.fields.get(field, value) == value for field, value in same.items())


def _manifest_of(home: Home, proposal: Proposal, offer: Offer) -> Manifest:
    """Return the manifest of an inspected offer; raises what kept it from passing its checks."""
    error = proposal.error
    if isinstance(error, ImportRejected):
        raise error
    if error is not None:
        way = f" {proposal.way}" if proposal.way else ""
        raise BadInput(f"{error}{way} {UNCHANGED}") from None
    if proposal.manifest is None:
        raise BadInput(f"{offer.file_name} was not inspected to the end: choose it again. {UNCHANGED}")
    model = proposal.manifest
    if FORMATS[model.format].needs_approval and offer.sha not in approved_files(home):
        raise BadInput(f"{offer.file_name} is not approved: an admin must approve it first. {UNCHANGED}")
    own = {"format": model.format, "inputs": list(model.inputs), "classes": list(model.classes)}
    return parse_manifest({**offer.fields, **own}, offer.file_name)
