"""Every setting, with its sentence. Unknown and incomplete settings are refused.

Order of precedence: command line, `TRIAGE_GATEWAY_*` variables, the TOML file.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableSettingError

PREFIX = "TRIAGE_GATEWAY_"
CONFIG = PREFIX + "CONFIG"
TOKEN = PREFIX + "TOKEN"
"""Read by `push`; whoever feeds from the gateway's own machine may export it."""

_TOLD = {
    "missing": "this setting is needed: docs/settings.md says where it is given.",
    "extra_forbidden": "unknown setting; docs/settings.md lists those that are read.",
}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsError(Exception):
    """The settings are unknown, incomplete or contradictory; the message says which."""


class Client(BaseModel):
    """A caller: its name, its role, and the SHA-256 of its bearer token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    role: Literal["feed", "nurse", "auditor"]
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    practitioner: str = ""  # literal reference of a nurse, such as "Practitioner/7"
    display: str = ""  # how the nurse is named in the resources she signs


class Settings(BaseSettings):
    """The settings of one gateway."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, protected_namespaces=()
    )

    data: Path
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    dev: bool = False  # loopback only; every caller is the development nurse
    tenant: str = "default"
    key_file: Path | None = None  # key-encryption key; default: inside the data folder
    clients: tuple[Client, ...] = ()
    window_hours: Annotated[float, Field(gt=0, le=24 * 28)] = 24
    complaint_questions: tuple[str, ...] = ()  # "linkId:x" or "system|code"
    body_limit_mib: Annotated[int, Field(ge=1, le=512)] = 32
    model: Literal["embedded", "none"] = "embedded"  # without model_url
    model_url: str | None = None  # an OpenAI-compatible /v1, such as SGLang's
    model_name: str | None = None
    model_weights: str | None = None  # hash of the weights that the server runs
    model_api_key: SecretStr | None = None
    model_shadow: bool = True  # answers are recorded and shown, their acuity is not
    model_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    model_concurrency: Annotated[int, Field(ge=1, le=256)] = 1
    knowledge: Path | None = None  # folder of Markdown; default: the starter base
    embedding_folder: Path | None = None  # MiniLM folder; default: the PyPI wheel's
    log_format: Literal["console", "json"] = "console"

    @property
    def window(self) -> timedelta:
        """Return how old data may be and still open a case."""
        return timedelta(hours=self.window_hours)

    @field_validator("complaint_questions")
    @classmethod
    def _named(cls, questions: tuple[str, ...]) -> tuple[str, ...]:
        for question in questions:
            if not question.startswith("linkId:") and "|" not in question:
                raise ValueError('write "linkId:x", or "system|code" of an item.')
        return questions

    @field_validator("knowledge", "embedding_folder")
    @classmethod
    def _there(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError("there is no such folder.")
        return folder

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.model_url) != bool(self.model_name):
            raise ValueError(
                "model_url and model_name need each other: where the model is served, "
                "and by which name."
            )
        if self.dev and self.host not in _LOOPBACK:
            raise ValueError("dev binds loopback only: leave host at 127.0.0.1.")
        if not self.dev and not self.clients:
            raise ValueError(
                "no clients: add [[clients]] to the settings file (name, role, "
                "token_sha256; 'triage-gateway token' makes one), or use --dev to try "
                "the gateway on this machine alone."
            )
        names = [client.name for client in self.clients]
        if len(set(names)) < len(names):
            raise ValueError("two clients have the same name.")
        tokens = [client.token_sha256 for client in self.clients]
        if len(set(tokens)) < len(tokens):
            raise ValueError("two clients have the same token: nobody could tell who.")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the command line, then the environment, then the TOML file."""
        _ = dotenv_settings, file_secret_settings
        file = os.environ.get(CONFIG)
        toml = TomlConfigSettingsSource(settings_cls, toml_file=file)
        return init_settings, env_settings, toml


def load(given: Mapping[str, Any]) -> Settings:
    """Return the settings from command line, environment and TOML file.

    Raises:
        SettingsError: one sentence a fault, values not shown (they may be secrets).

    """
    _refuse_unknown_variables()
    file = os.environ.get(CONFIG)
    if file and not Path(file).is_file():
        raise SettingsError(f"There is no settings file {file} (--config or {CONFIG}).")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except UnreadableSettingError as error:
        raise SettingsError(f"{error}: write it as JSON.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is no TOML: {error}.") from None


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG, TOKEN}
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in known
    )
    if unknown:
        raise SettingsError(
            f"Unknown setting: {', '.join(unknown)}. "
            "docs/settings.md lists the names that are read."
        )


def _sentences(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, fault['loc'])) or 'settings'}: "
        f"{_TOLD.get(fault['type'], fault['msg'].removeprefix('Value error, '))}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
