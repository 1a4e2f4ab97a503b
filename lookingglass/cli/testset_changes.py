"""The verbs of ``lookingglass testset`` that change one example: add, edit, relabel, remove, tag, erase."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.errors import BadInput
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor, Event

note_option = click.option("--note", default="", metavar="TEXT", help="Why, for the history.")
id_option = click.option("--id", "example_id", required=True, metavar="ID", help="Which example.")
seen_option = click.option(
    "--seen-version",
    type=click.IntRange(min=0),
    metavar="N",
    help="The version you looked at: refuse when somebody changed the example since.",
)


def _pairs(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise BadInput(f"--set takes COLUMN=VALUE, not {text!r}.")
        if name in values:
            raise BadInput(f"--set names the column {name} twice.")
        values[name] = value
    return values


def set_option(required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the repeatable option ``--set COLUMN=VALUE``; an empty value makes the cell missing."""
    return click.option(
        "--set",
        "values",
        multiple=True,
        required=required,
        metavar="COL=VALUE",
        callback=_pairs,
        help="A column's value; repeatable. Nothing after = means missing; an image is given as the name of its file.",
    )


def _with_images(home: Home, values: dict[str, str]) -> dict[str, Any]:
    """Return ``values`` with the bytes of the file that is named for each image column."""
    from lookingglass.testset.image_cells import file_bytes, image_columns

    return {
        name: file_bytes(value) if name in image_columns(home.config) else value
        for name, value in values.items()
    }


@click.command()
@workspace_argument
@click.option("--id", "example_id", metavar="ID", help="Its id (default: the next number).")
@click.option("--label", metavar="VALUE", help="The true answer (default: unlabelled).")
@set_option(required=True)
@click.option(
    "--problem", "problems", multiple=True, metavar="NAME", help="A problem it describes; repeatable."
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeatable.")
@click.option(
    "--origin",
    type=click.Choice(["sample", "pattern"]),
    default="pattern",
    show_default=True,
    help="Written to describe a problem, or drawn from real use.",
)
@click.option("--source", metavar="TEXT", help="Where it comes from (default: written by hand).")
@note_option
@as_option
@json_option
def add(
    workspace: Path,
    example_id: str | None,
    label: str | None,
    values: dict[str, str],
    problems: tuple[str, ...],
    tags: tuple[str, ...],
    origin: str,
    source: str | None,
    note: str,
    actor: Actor,
    as_json: bool,
) -> None:
    """Add one example, a test pattern unless told otherwise."""
    from lookingglass.testset import add_example

    home = open_home(workspace)
    event = add_example(
        home,
        _with_images(home, values),
        label=label,
        id=example_id,
        origin=origin,
        tags=tags,
        problems=problems,
        note=note,
        actor=actor,
        **({} if source is None else {"source": source}),
    )
    _tell_change(workspace, event, as_json)


@click.command()
@workspace_argument
@id_option
@set_option(required=False)
@click.option("--label", metavar="VALUE", help="Instead of --set: the same as relabel.")
@note_option
@seen_option
@as_option
@json_option
def edit(
    workspace: Path,
    example_id: str,
    values: dict[str, str],
    label: str | None,
    note: str,
    seen_version: int | None,
    actor: Actor,
    as_json: bool,
) -> None:
    """Change columns of one example; candidates are then asked again for it."""
    from lookingglass.testset import edit_example
    from lookingglass.testset import relabel as give_label

    if label is not None and values:
        raise BadInput("edit takes --set or --label, not both: relabel in a second step.")
    home = open_home(workspace)
    if label is not None:
        event = give_label(home, example_id, label, note=note, actor=actor, seen_version=seen_version)
    else:
        images = _with_images(home, values)
        event = edit_example(home, example_id, images, note=note, actor=actor, seen_version=seen_version)
    _tell_change(workspace, event, as_json)


@click.command()
@workspace_argument
@id_option
@click.option("--label", required=True, metavar="VALUE", help='The true answer; "" for none.')
@note_option
@seen_option
@as_option
@json_option
def relabel(
    workspace: Path,
    example_id: str,
    label: str,
    note: str,
    seen_version: int | None,
    actor: Actor,
    as_json: bool,
) -> None:
    """Give one example another label; no candidate is asked again."""
    from lookingglass.testset import relabel as give_label

    event = give_label(
        open_home(workspace), example_id, label, note=note, actor=actor, seen_version=seen_version
    )
    _tell_change(workspace, event, as_json)


@click.command()
@workspace_argument
@id_option
@note_option
@seen_option
@as_option
@json_option
def remove(
    workspace: Path, example_id: str, note: str, seen_version: int | None, actor: Actor, as_json: bool
) -> None:
    """Take one example out; versions before keep it."""
    from lookingglass.testset import remove as take_out

    event = take_out(open_home(workspace), example_id, note=note, actor=actor, seen_version=seen_version)
    _tell_change(workspace, event, as_json)


@click.command()
@workspace_argument
@id_option
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag to put on; repeatable.")
@click.option("--untag", "untags", multiple=True, metavar="TAG", help="A tag to take off; repeatable.")
@click.option(
    "--problem", "problems", multiple=True, metavar="NAME", help="A problem it describes; repeatable."
)
@note_option
@seen_option
@as_option
@json_option
def tag(
    workspace: Path,
    example_id: str,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    problems: tuple[str, ...],
    note: str,
    seen_version: int | None,
    actor: Actor,
    as_json: bool,
) -> None:
    """Put tags on one example or take them off; no candidate is asked again."""
    from lookingglass.testset import tag as put_tags

    if not (tags or untags or problems):
        raise BadInput("nothing to change: give --tag, --untag or --problem.")
    event = put_tags(
        open_home(workspace),
        example_id,
        add=tags,
        remove=untags,
        problems=problems,
        note=note,
        actor=actor,
        seen_version=seen_version,
    )
    _tell_change(workspace, event, as_json)


@click.command()
@workspace_argument
@id_option
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the record for ever.")
@as_option
@json_option
def erase(workspace: Path, example_id: str, reason: str, actor: Actor, as_json: bool) -> None:
    """Erase the content of one example from every version, for good; a tombstone with the reason stays."""
    from lookingglass.testset import erase_example

    event = erase_example(open_home(workspace), example_id, reason, actor)
    _tell_change(workspace, event, as_json)


def _tell_change(workspace: Path, event: Event | None, as_json: bool) -> None:
    from lookingglass.testset import history, read_version

    home = open_home(workspace)
    if event is None:
        test_set = read_version(home)
        say(f"Nothing to change: it is like that already in version {test_set.version}.")
        if as_json:
            emit({"version": test_set.version, "digest": test_set.digest, "changed": False})
        return
    version = int(event.payload["version"])
    entry = history(home)[version - 1]
    say(f"Version {version}: {entry.actor} {entry.words}.")
    if as_json:
        ids = [event.payload["example_id"]] if "erased" in event.payload else []
        ids += [change["example_id"] for change in event.payload.get("changes", ())]
        emit(
            {
                "version": version,
                "digest": entry.digest,
                "changed": True,
                "example_id": ids[0],
                "words": entry.words,
            }
        )


VERBS = (add, edit, relabel, remove, tag, erase)
