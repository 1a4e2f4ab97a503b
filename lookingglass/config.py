"""What a person writes in workspace.toml: the task, the columns and their roles, the people. Knows nothing of data."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import tomlkit
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from lookingglass.errors import BadInput, NotFound, NotSaved, one_line
from lookingglass.folders import CONFIG_FILE

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Names of workspaces, which are folder names."""

ColumnRole = Literal["feature", "text", "image", "group", "label", "id", "ignore"]
ColumnType = Literal["number", "integer", "category", "boolean", "text", "image"]
PersonRole = Literal["viewer", "reviewer", "editor", "approver", "admin"]
Kind = Literal["tabular", "text", "image"]

BATCH_PIXELS = 1 << 24
"""A model is not asked for more image numbers than this at once: as 64-bit numbers they take 128 MB."""

INPUT_ROLES: frozenset[str] = frozenset({"feature", "text", "image"})
"""Roles of the columns that a model may be given; a change in one of them gives the example a new input_id."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One declared column: what it is for and which values it may hold.

    Every image of an image column has the same ``size``, (height, width) in pixels, and the same ``channels``: 1 for
    grey, 3 for colour.
    """

    role: Annotated[tuple[ColumnRole, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
    type: ColumnType
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] | None = None
    missing: Literal["refuse", "own group", "keep"] = "refuse"
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    channels: Literal[1, 3] | None = None

    @model_validator(mode="after")
    def _check_image(self) -> Column:
        if ("image" in self.role) != (self.type == "image") and self.is_stored:
            raise ValueError('the role "image" and the type "image" go together')
        if self.type != "image" and (self.size or self.channels):
            raise ValueError("size and channels are for images only")
        if self.type == "image" and self.is_stored:
            if self.size is None or self.channels is None:
                raise ValueError(
                    "an image column needs size = [height, width] in pixels, and channels = 1 (grey) or 3"
                )
            if self.role != ("image",) or self.missing != "refuse":
                raise ValueError("an image column has no other role, and no image of it may be missing")
        return self

    @property
    def pixels(self) -> int | None:
        """How many numbers one image of this column is: height x width x channels; None for other columns."""
        return self.size[0] * self.size[1] * self.channels if self.size and self.channels else None

    @property
    def is_input(self) -> bool:
        """Whether models may be given this column."""
        return bool(INPUT_ROLES & set(self.role))

    @property
    def is_group(self) -> bool:
        """Whether fairness slices and group counts are made of this column."""
        return "group" in self.role

    @property
    def is_stored(self) -> bool:
        """Whether the living test set keeps this column's values (id and label are kept under names of their own)."""
        return not {"id", "label", "ignore"} & set(self.role)


class Task(_Frozen):
    """What is being decided, in the client's own words."""

    kind: Kind = "tabular"
    label: str
    positive: str
    positive_name: str = ""
    negative_name: str = ""
    unit: str = "example"
    id: str = "example_id"

    @model_validator(mode="before")
    @classmethod
    def _name_the_answers(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("positive"):
            data = dict(data)
            data["positive_name"] = data.get("positive_name") or str(data["positive"])
            data["negative_name"] = data.get("negative_name") or f"not {data['positive_name']}"
        return data


class Limits(_Frozen):
    """What a candidate's worker process may use (safety.md); a candidate that wants more has failed."""

    memory_mb: Annotated[int, Field(ge=64)] = 2048
    batch_seconds: Annotated[float, Field(gt=0)] = 60.0
    start_seconds: Annotated[float, Field(gt=0)] = 90.0
    batch_rows: Annotated[int, Field(ge=1)] = 4096


class WorkspaceConfig(_Frozen):
    """The whole of workspace.toml."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    title: str = ""
    ledger: str = "sqlite:///ledger.db"
    task: Task
    columns: dict[str, Column]
    people: dict[str, tuple[PersonRole, ...]] = {}
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _check_columns(self) -> WorkspaceConfig:
        label = self.columns.get(self.task.label)
        if label is None or "label" not in label.role:
            raise ValueError(f'[columns.{self.task.label}] must be declared with role = "label"')
        if not label.values or self.task.positive not in label.values:
            raise ValueError(
                f"[columns.{self.task.label}] values must list every label value, {self.task.positive!r} among them"
            )
        others = [
            name
            for name, column in self.columns.items()
            if "label" in column.role and name != self.task.label
        ]
        if others:
            raise ValueError(f"only one column can be the label: {self.task.label} and {others[0]} both are")
        reserved = [name for name in self.columns if name.startswith("@")]
        if reserved:
            raise ValueError(f"column names may not start with @: {reserved[0]}")
        return self

    @property
    def label_values(self) -> tuple[str, ...]:
        """Every value that the label may take, in the declared order."""
        return self.columns[self.task.label].values or ()

    @property
    def stored(self) -> dict[str, Column]:
        """The columns whose values the living test set keeps, in declared order."""
        return {name: column for name, column in self.columns.items() if column.is_stored}

    @property
    def inputs(self) -> list[str]:
        """Names of the columns that models may be given, in declared order."""
        return [name for name, column in self.columns.items() if column.is_input]

    def batch_rows(self, inputs: Sequence[str]) -> int:
        """Return how many rows of these columns a model is asked at once: fewer where images are large."""
        pixels = sum((self.columns[name].pixels or 0) for name in inputs if name in self.columns)
        most = self.limits.batch_rows
        return max(1, min(most, BATCH_PIXELS // pixels)) if pixels else most

    @property
    def pixels(self) -> int | None:
        """How many numbers one image is, where images are the only input; else None."""
        inputs = [column for column in self.columns.values() if column.is_input]
        return inputs[0].pixels if len(inputs) == 1 else None

    @property
    def groups(self) -> list[str]:
        """Names of the group columns, in declared order."""
        return [name for name, column in self.columns.items() if column.is_group]


def first_problem(error: ValidationError) -> str:
    """Return pydantic's first complaint as ``key.path: what is wrong``."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "this key is not known here; it may be misspelt, or be one of a newer Looking Glass"
    return one_line(f"{where}: {message}" if where else message)


def load_config(folder: Path) -> WorkspaceConfig:
    """Read ``folder/workspace.toml``.

    Raises:
        NotFound: there is no such file.
        BadInput: it is not TOML or not a workspace; the message names the key.
    """
    path = folder / CONFIG_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"{folder} is not a workspace (no {CONFIG_FILE} in it): make one with `lookingglass init {folder} "
            "--data FILE "
            "--label COLUMN --positive VALUE`."
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    return parse_config(text, str(path))


def parse_config(text: str, source: str) -> WorkspaceConfig:
    """Parse the text of a workspace.toml; ``source`` names it in errors."""
    try:
        return WorkspaceConfig.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{source} is not valid TOML: {one_line(str(error))}.") from None
    except ValidationError as error:
        raise BadInput(f"{source}: {first_problem(error)}.") from None


def dump_config(config: WorkspaceConfig) -> str:
    """Return ``config`` as the text of a workspace.toml, defaults left out."""
    document = tomlkit.document()
    document.add("name", tomlkit.item(config.name))
    document.add("title", tomlkit.item(config.title))
    document.add("ledger", tomlkit.item(config.ledger))
    document.add("task", tomlkit.item(config.task.model_dump()))
    columns = tomlkit.table(is_super_table=True)
    for name, column in config.columns.items():
        fields = column.model_dump(exclude_defaults=True)
        fields["role"] = _plain_roles(column.role)
        columns.add(name, tomlkit.item(fields))
    document.add("columns", columns)
    limits = config.limits.model_dump(exclude_defaults=True)
    if limits:
        document.add("limits", tomlkit.item(limits))
    document.add("people", tomlkit.item({name: list(roles) for name, roles in config.people.items()}))
    return tomlkit.dumps(document)


def _plain_roles(roles: Sequence[str]) -> str | list[str]:
    return roles[0] if len(roles) == 1 else list(roles)


def write_config(folder: Path, config: WorkspaceConfig) -> None:
    """Write ``folder/workspace.toml`` whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    with config_written(folder, dump_config(config)):
        return


@contextmanager
def config_written(folder: Path, text: str) -> Iterator[None]:
    """Put ``text`` in the place of ``folder/workspace.toml`` when the block ends well; until then it waits beside it.

    Raises:
        NotSaved: it cannot be written; the file is as it was.
    """
    waiting: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, prefix=".workspace-", suffix=".tmp", delete=False
        ) as file:
            waiting = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if (folder / CONFIG_FILE).exists():
            shutil.copymode(folder / CONFIG_FILE, waiting)
        yield
        waiting.replace(folder / CONFIG_FILE)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise NotSaved(f"{folder / CONFIG_FILE} could not be written: {reason}. It is as it was.") from error
    finally:
        if waiting is not None:
            waiting.unlink(missing_ok=True)


def with_title(text: str, title: str) -> str:
    """Return the text of a workspace.toml with another title; comments and everything else stay as they are."""
    document = tomlkit.parse(text)
    document["title"] = title
    return tomlkit.dumps(document)
