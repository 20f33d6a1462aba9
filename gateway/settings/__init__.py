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

from gateway.settings import checks
from gateway.settings.clients import Client, Issuer
from gateway.settings.keeping import Days, VariableName
from gateway.settings.knowledge import KnowledgeSettings
from gateway.settings.model_checks import Hash, ModelChecks
from gateway.settings.model_requests import Addresses, ModelRequests
from gateway.settings.refusals import (
    CONFIG,
    PREFIX,
    TOKEN,
    SettingsError,
    refuse_unknown_variables,
    sentences,
)
from gateway.settings.site_rules import SiteRulesSetting
from gateway.settings.tenants import Schema, Tenant, Treatments, require_apart
from gateway.settings.weaviate import WeaviateSettings
from gateway.settings.witnesses import Witness

HttpOrigin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,255}/?$")]
__all__ = [
    "CONFIG",
    "PREFIX",
    "TOKEN",
    "Client",
    "Issuer",
    "Settings",
    "SettingsError",
    "Tenant",
    "load",
]


class Settings(WeaviateSettings, KnowledgeSettings, BaseSettings):
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
    key_environment: VariableName | None = None  # that holds it instead
    key_command: tuple[str, ...] = ()  # that prints it instead: a hook for a KMS
    key_command_seconds: Annotated[float, Field(gt=0, le=300)] = 30
    database_url: SecretStr | None = None  # PostgreSQL's; default: SQLite in the folder
    database_url_file: Path | None = None  # a file that holds it
    database_schema: Schema | None = None  # of the log; default: triage_gateway
    clients: tuple[Client, ...] = ()
    public_url: HttpOrigin | None = None  # how callers address it; default: host, port
    behind_proxy: bool = False  # a proxy ends TLS; X-Forwarded-Proto and -Host count
    tls_certificate: Path | None = None  # PEM, with its chain
    tls_key: Path | None = None  # PEM, not encrypted
    tls_client_ca: Path | None = None  # PEM; every caller then shows a certificate
    issuers: tuple[Issuer, ...] = ()  # OpenID providers of people's tokens
    jwks_hosts: tuple[str, ...] = ()  # the only hosts whose keys are fetched
    jwks_ca: Path | None = None  # PEM; trusted for those hosts instead of the system's
    token_seconds: Annotated[int, Field(ge=1, le=300)] = 300
    idle_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 30  # and of headers
    body_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    connections: Annotated[int, Field(ge=1, le=1_000_000)] = 1024  # open at once
    in_flight: Annotated[int, Field(ge=1, le=100_000)] = 512  # requests at once
    in_flight_of_client: Annotated[int, Field(ge=1, le=100_000)] = 256
    window_hours: Annotated[float, Field(gt=0, le=24 * 28)] = 24
    complaint_questions: tuple[str, ...] = ()  # "linkId:x" or "system|code"
    body_limit_mib: Annotated[int, Field(ge=1, le=512)] = 32
    bundle_entries_limit: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    model: Literal["embedded", "none"] = "embedded"  # without model_url
    embedded_adapter: bool = True  # that comes with the program; false: the base alone
    embedded_threads: Annotated[int, Field(ge=1, le=64)] = 1
    model_url: Addresses | None = None  # OpenAI-compatible /v1, such as SGLang's
    model_name: str | None = None
    model_weights: str | None = None  # hash of the weights that the server runs
    model_adapter_sha256: Hash | None = None  # of its adapter, from `model lint`
    model_checks: ModelChecks = ModelChecks()  # self-test, switch, alarm budget
    model_api_key: SecretStr | None = None
    model_shadow: bool = True  # whatever the log says; false: a release may count
    model_requests: ModelRequests = ModelRequests()  # beside the answer itself
    model_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    model_concurrency: Annotated[int, Field(ge=1, le=256)] = 1
    knowledge: Path | None = None  # what a first start loads; default: the starter base
    embedding_folder: Path | None = None  # MiniLM folder; default: the PyPI wheel's
    audit_reads: Literal["grouped", "before"] = "grouped"  # before: before the answer
    audit_gathering_ms: Annotated[int, Field(ge=1, le=10_000)] = 100  # where grouped
    read_models_apart: bool = True  # kept by a process of their own
    retention_least_days: Days | None = None  # nobody is erased sooner
    retention_most_days: Days | None = None  # then `erase --due` erases
    rules: Treatments = Field(default_factory=dict)  # of what breaks a group of rules
    site_rules: SiteRulesSetting = SiteRulesSetting()  # stricter than the program's
    tenants: tuple[Tenant, ...] = ()  # organisations that share the gateway
    witnesses: tuple[Witness, ...] = ()  # who keep the log's checkpoints
    log_format: Literal["console", "json"] = "console"

    @property
    def origin(self) -> str:
        """Return scheme, host and port by which callers address the gateway."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls_certificate else 'http'}://{host}:{self.port}"

    @property
    def window(self) -> timedelta:
        """Return how old data may be and still open a case."""
        return timedelta(hours=self.window_hours)

    @property
    def audit_gathering_s(self) -> float:
        """Return how long the record of a read may wait for others, in seconds."""
        return self.audit_gathering_ms / 1000 if self.audit_reads == "grouped" else 0.0

    def of(self, tenant: Tenant) -> Self:
        """Return the settings of one tenant."""
        return self.model_copy(update=tenant.own(self.data))

    @field_validator("complaint_questions")
    @classmethod
    def _named(cls, questions: tuple[str, ...]) -> tuple[str, ...]:
        for question in questions:
            if not question.startswith("linkId:") and "|" not in question:
                raise ValueError('write "linkId:x", or "system|code" of an item.')
        return questions

    @field_validator(
        "tls_certificate", "tls_key", "tls_client_ca", "jwks_ca", "database_url_file"
    )
    @classmethod
    def _kept(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_file():
            raise ValueError("there is no such file.")
        return file

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
        if self.dev and self.host not in checks.LOOPBACK:
            raise ValueError("dev binds loopback only: leave host at 127.0.0.1.")
        if self.dev and self.behind_proxy:
            raise ValueError("dev knows no tokens, so no proxy may lead others to it.")
        if not self.dev and not self.clients and not self.tenants:
            raise ValueError(
                "no clients: add [[clients]] to the settings file (name, role, "
                "token_sha256; 'triage-gateway token' makes one), or use --dev to try "
                "the gateway on this machine alone."
            )
        return self

    @model_validator(mode="after")
    def _apart(self) -> Self:
        checks.require_one_key(self.key_file, self.key_environment, self.key_command)
        checks.require_order(self.retention_least_days, self.retention_most_days)
        require_apart(self)
        return self

    @model_validator(mode="after")
    def _closed(self) -> Self:
        checks.require_one_database(self.database_url, self.database_url_file)
        checks.require_distinct(self.clients, self.issuers)
        checks.require_allowed(self.clients, self.issuers, self.jwks_hosts)
        checks.require_bindable(self.clients, self.tls_client_ca)
        checks.require_guarded(
            host=self.host,
            certificate=self.tls_certificate,
            key=self.tls_key,
            client_ca=self.tls_client_ca,
            proxied=self.behind_proxy,
        )
        own = (each for tenant in self.tenants for each in tenant.clients)
        callers = (*self.clients, *own)
        checks.require_addressed(callers, host=self.host, url=self.public_url)
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
    refuse_unknown_variables(Settings.model_fields)
    file = os.environ.get(CONFIG)
    if file and not Path(file).is_file():
        raise SettingsError(f"There is no settings file {file} (--config or {CONFIG}).")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(sentences(error))) from None
    except UnreadableSettingError as error:
        raise SettingsError(f"{error}: write it as JSON.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is no TOML: {error}.") from None
