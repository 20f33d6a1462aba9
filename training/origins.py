"""Where each setting of a training stage comes from: default, preset, recipe, command.

A stage declares its settings as one frozen dataclass (`training.settings`). Here they
are resolved, refused where they are unknown or would be served wrongly, and printed.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click

from training.rows import COLUMNS

PRESETS: Final = Path(__file__).parent / "presets"
RECIPES: Final = Path(__file__).parent / "recipes"
SHARED: Final = ("model", "run")
"""Tables of a preset or a recipe that speak to every stage."""
REFUSED: Final[Mapping[str, str]] = {
    "use_rslora": "SGLang scales by alpha / rank and would serve it weaker",
    "use_dora": "SGLang does not load DoRA",
    "modules_to_save": "SGLang passes over whole modules in silence",
    "rank_pattern": "SGLang knows one rank for all layers",
    "alpha_pattern": "SGLang knows one scale for all layers",
    "trainable_token_indices": "SGLang passes over trained tokens in silence",
    "trust_remote_code": "code that comes with weights is never run",
}
"""Settings of peft and transformers that no recipe may have, and why."""
_KEYS: Final = frozenset({"preset", "stages", "launch"})
CONCLUSION: Final = ("evaluation", "release")
"""Tables of a recipe that speak of what follows on training."""
_TABLES: Final = frozenset({*SHARED, *COLUMNS, *CONCLUSION, "architecture"})

_S = TypeVar("_S")


class SettingsError(Exception):
    """A preset, a recipe or the command line cannot be followed."""


@dataclass(frozen=True, kw_only=True)
class Resolved(Generic[_S]):
    """The settings of one run of a stage, and the origin of each by its name."""

    values: _S
    origins: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe with its preset: which stages, started how, with which tables.

    `launch` names a file of training/launch, "" for one process. `tables` are the
    preset's and the recipe's, by the name of their origin.
    """

    name: str
    file: Path
    stages: tuple[str, ...]
    launch: str
    tables: tuple[tuple[str, Mapping[str, Any]], ...]
    architecture: Mapping[str, Any]


def setting(default: Any, told: str) -> Any:  # noqa: ANN401 (a field of any type)
    """Declare a setting: its default, and the sentence that explains it."""
    return field(default=default, metadata={"help": told})


def read_recipe(name: str) -> Recipe:
    """Read a recipe by its name in training/recipes, or by its path.

    Raises:
        SettingsError: there is none, or it is no TOML of this form.

    """
    file = _file(name, RECIPES)
    content = _toml(file)
    preset = (
        _toml(_file(str(content["preset"]), PRESETS)) if "preset" in content else {}
    )
    tables = [(f"recipe {file.stem}", content)]
    if preset:
        tables.insert(0, (f"preset {content['preset']}", preset))
    return Recipe(
        name=file.stem,
        file=file,
        stages=tuple(content.get("stages", ())),
        launch=str(content.get("launch", "")),
        tables=tuple(tables),
        architecture={
            **preset.get("architecture", {}),
            **content.get("architecture", {}),
        },
    )


def resolve(
    kind: type[_S],
    stage: str,
    recipe: Recipe | None = None,
    given: Mapping[str, Any] | None = None,
) -> Resolved[_S]:
    """Return a stage's settings: the command line before the recipe before the preset.

    Raises:
        SettingsError: a setting is unknown, has a wrong type, or is refused.

    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    origins = dict.fromkeys(known, "default")
    for origin, table in _layers(stage, recipe, given or {}):
        for name, value in table.items():
            values[name] = _checked(name, value, known, origin)
            origins[name] = origin
    return Resolved(values=kind(**values), origins=origins)


def shown(resolved: Resolved[Any]) -> Iterator[str]:
    """Give a line for each setting: theme, name, value, origin."""
    theme = ""
    width = max(len(each.name) for each in fields(resolved.values))
    for each in fields(resolved.values):
        if (named := _theme(type(resolved.values), each.name)) != theme:
            theme = named
            yield f"{theme}:"
        value = getattr(resolved.values, each.name)
        yield f"  {each.name:<{width}} = {value!r}  ({resolved.origins[each.name]})"


def options(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a click command an option for each setting."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for each in reversed(fields(kind)):
            command = _option(each)(command)
        return command

    return decorate


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said on the command line, of all that could have been."""
    return {name: value for name, value in asked.items() if value is not None}


def _option(each: Field[Any]) -> Callable[..., Any]:
    flag = "--" + each.name.replace("_", "-")
    told = f"{each.metadata['help']} [default: {each.default!r}]"
    if isinstance(each.default, bool):
        both = f"{flag}/--no-{flag[2:]}"
        return click.option(both, each.name, default=None, help=told)
    if isinstance(each.default, tuple):
        return click.option(flag, each.name, callback=_listed, help=told)
    return click.option(flag, each.name, type=type(each.default), help=told)


def _listed(_: object, __: object, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(part.strip() for part in value.split(","))


def _layers(
    stage: str, recipe: Recipe | None, said: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for origin, content in recipe.tables if recipe else ():
        for table in (*SHARED, stage):
            yield origin, content.get(table, {})
    yield "command line", said


def _checked(
    name: str, value: object, known: Mapping[str, Field[Any]], origin: str
) -> object:
    if name in REFUSED:
        raise SettingsError(f"{origin}: {name} is refused: {REFUSED[name]}.")
    if name not in known:
        raise SettingsError(f"{origin}: there is no setting {name}.")
    wanted = type(known[name].default)
    if wanted is tuple and isinstance(value, list):
        return tuple(value)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise SettingsError(f"{origin}: {name} must be of type {wanted.__name__}.")
    return value


def _theme(kind: type[Any], name: str) -> str:
    """Return the first words of the docstring of the class that declares a setting."""
    owner = next(each for each in reversed(kind.__mro__) if name in vars(each))
    return str(owner.__doc__).partition(".")[0]


def _file(name: str, folder: Path) -> Path:
    file = folder / f"{name}.toml"
    if file.is_file():
        return file
    if Path(name).suffix == ".toml" and Path(name).is_file():
        return Path(name)
    there = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
    raise SettingsError(f"There is no {folder.name[:-1]} {name}; there are: {there}.")


def _toml(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file.name} cannot be read: {error}.") from error
    loose = [
        k for k, v in content.items() if k not in _KEYS and not isinstance(v, dict)
    ]
    if loose:
        raise SettingsError(f"{file.name}: {', '.join(loose)} must stand in a table.")
    if unknown := content.keys() - _KEYS - _TABLES:
        named = ", ".join(sorted(unknown))
        raise SettingsError(f"{file.name}: there is no table {named}.")
    return content


def summary(recipe: Recipe) -> Sequence[str]:
    """Return what a recipe does, in lines."""
    return [f"Recipe {recipe.name}: {' -> '.join(recipe.stages) or 'no stage'}"]
