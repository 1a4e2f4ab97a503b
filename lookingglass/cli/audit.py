"""``lookingglass audit``: verify the ledger with code that shares nothing with its writer, and export its events."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from lookingglass.canonical import canonical_json
from lookingglass.cli.common import emit, json_option, say, workspace_argument
from lookingglass.errors import BadInput, NotSaved
from lookingglass.home import open_home
from lookingglass.ledger import verify as verification
from lookingglass.wording import plural

_AT_ONCE = 1000
_SHOWN = 20


@click.group()
def audit() -> None:
    """Verify the ledger of a workspace, or export its events."""


@audit.command()
@workspace_argument
@click.option(
    "--head", metavar="SEQ:HASH", help="A head that the ledger once had, from a report: shows a cut-off tail."
)
@json_option
@click.pass_context
def verify(context: click.Context, workspace: Path, head: str | None, as_json: bool) -> None:
    """Recompute the whole chain and look at every file and content that it refers to.

    Exit 1 when something does not hold.
    """
    try:
        result = verification.verify(workspace, verification.parse_head(head) if head is not None else None)
    except verification.CannotVerify as error:
        raise BadInput(str(error)) from None
    if as_json:
        emit({"workspace": str(workspace), **result.to_json()})
    elif result.ok:
        click.echo(
            f"{workspace}: as recorded are {result.events:,} {plural('event', result.events)}, "
            f"{result.files:,} {plural('file', result.files)} and "
            f"{result.contents:,} {plural('stored value', result.contents)}."
        )
        click.echo(f"head {result.head}")
    else:
        for finding in result.findings[:_SHOWN]:
            click.echo(f"{workspace}: {finding.message}")
        if len(result.findings) > _SHOWN:
            click.echo(f"{workspace}: and {len(result.findings) - _SHOWN:,} more (--json lists all).")
    if not result.ok:
        context.exit(1)


@audit.command()
@workspace_argument
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Default: standard output."
)
@json_option
def export(workspace: Path, out: Path | None, as_json: bool) -> None:
    """Write every event as one line of JSON, oldest first; with --json, one object that holds them all."""
    home = open_home(workspace)
    try:
        last, _ = home.ledger.head()
        with _written(out) as target:
            between, end = (b",\n", b"]}\n") if as_json else (b"", b"")
            if as_json:
                target.write(b'{"workspace": %s, "events": [' % canonical_json(home.config.name))
            for after in range(0, last, _AT_ONCE):
                for event in home.ledger.events(after=after, until=min(after + _AT_ONCE, last)):
                    line = canonical_json(event.to_json())
                    target.write((between if event.seq > 1 else b"") + line + (b"" if as_json else b"\n"))
            target.write(end)
    finally:
        home.close()
    if out is not None:
        say(f"{out}: {last:,} events.")


@contextlib.contextmanager
def _written(out: Path | None) -> Iterator[IO[bytes]]:
    """Give standard output, or a file that appears whole or not at all."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with tempfile.NamedTemporaryFile(
            dir=out.absolute().parent, prefix=f".{out.name}-", delete=False
        ) as file:
            draft = Path(file.name)
            try:
                yield file.file
                file.flush()
                os.fsync(file.fileno())
                draft.replace(out)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise NotSaved(
            f"{out} could not be written ({(error.strerror or '').lower()}): name another file with --out."
        ) from None
