"""Several organisations behind one gateway, each with its keys, clients and data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from fhir_profiles.rule_groups import Rules, Treatment
from gateway.settings import checks
from gateway.settings.clients import Client, Issuer
from gateway.settings.keeping import Days, VariableName
from gateway.settings.site_rules import SiteRulesSetting


def _possible(treatments: dict[str, Treatment]) -> dict[str, Treatment]:
    return dict(Rules(treatments).treatments)


Treatments = Annotated[dict[str, Treatment], AfterValidator(_possible)]
"""What a site does with content that breaks a group of rules."""

_NOT_ITS_OWN = frozenset(("name", "data"))


Schema = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,47}$")]
"""A schema of PostgreSQL."""


class Tenant(BaseModel):
    """An organisation; what it does not say for itself, the shared settings say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]  # in its URLs
    data: Path | None = None  # default: tenants/NAME below the shared data folder
    key_file: Path | None = None  # default: inside its data folder
    key_environment: VariableName | None = None
    key_command: tuple[str, ...] = ()
    retention_least_days: Days | None = None
    retention_most_days: Days | None = None
    database_schema: Schema | None = None  # default: triage_gateway_NAME
    clients: tuple[Client, ...] = ()
    issuers: tuple[Issuer, ...] = ()
    rules: Treatments = Field(default_factory=dict)
    site_rules: SiteRulesSetting = SiteRulesSetting()
    window_hours: Annotated[float, Field(gt=0, le=24 * 28)] = 24
    complaint_questions: tuple[str, ...] = ()

    def own(self, shared: Path) -> dict[str, Any]:
        """Return the settings by which this tenant differs from the shared ones."""
        said = self.model_fields_set - _NOT_ITS_OWN
        return {
            "clients": (),
            "issuers": (),
            "key_file": None,
            "key_environment": None,
            "key_command": (),
            "database_schema": self.schema_of_log,
            **{name: getattr(self, name) for name in said},
            "tenant": self.name,
            "data": self.folder(shared),
            "tenants": (),
        }

    @property
    def schema_of_log(self) -> str:
        """Return the schema of its log, where that is in PostgreSQL."""
        own = self.name.replace("-", "_")  # which names cannot have
        return self.database_schema or f"triage_gateway_{own}"

    def folder(self, shared: Path) -> Path:
        """Return where its log and read models are."""
        return self.data or shared / "tenants" / self.name


class Shared(Protocol):
    """The settings among which tenants stand."""

    @property
    def data(self) -> Path:
        """The folder below which theirs are."""

    @property
    def key_file(self) -> Path | None:
        """Not given where there are tenants."""

    @property
    def key_environment(self) -> str | None:
        """Likewise."""

    @property
    def key_command(self) -> tuple[str, ...]:
        """Likewise."""

    @property
    def database_schema(self) -> str | None:
        """Not given where there are tenants."""

    @property
    def clients(self) -> tuple[Client, ...]:
        """None where there are tenants."""

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """None where there are tenants."""

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """The organisations."""

    @property
    def weaviate_tenant(self) -> str | None:
        """Not given where there are tenants."""

    @property
    def dev(self) -> bool:
        """Say whether nobody needs a token."""

    @property
    def jwks_hosts(self) -> tuple[str, ...]:
        """The hosts whose keys are fetched."""

    @property
    def tls_client_ca(self) -> Path | None:
        """Who signs the certificates of clients."""


def require_apart(shared: Shared) -> None:
    """Refuse tenants that would share a name, a folder, a key or a client's token.

    Raises:
        ValueError: with the sentence for the operator.

    """
    if not shared.tenants:
        return
    keys = (shared.key_file, shared.key_environment, shared.key_command)
    own = (*keys, shared.database_schema, shared.clients, shared.issuers)
    if any(own):
        raise ValueError(
            "with tenants, key_file, database_schema, clients and issuers belong to "
            "each of them: put them below [[tenants]]."
        )
    if shared.weaviate_tenant:
        raise ValueError(
            "with tenants, weaviate_tenant would make them replace each other's "
            "knowledge: leave it out, and each has its own."
        )
    _require_distinct("name", (each.name for each in shared.tenants))
    folders = (each.folder(shared.data).resolve() for each in shared.tenants)
    _require_distinct("data", folders)
    _require_distinct("schema", (each.schema_of_log for each in shared.tenants))
    files = (each.key_file.resolve() for each in shared.tenants if each.key_file)
    _require_distinct("key_file", files)
    clients = [client for each in shared.tenants for client in each.clients]
    tokens = (each.token_sha256 for each in clients if each.token_sha256)
    _require_distinct("client's token", tokens)
    for each in shared.tenants:
        _require_closed(each, shared)


def _require_closed(tenant: Tenant, shared: Shared) -> None:
    """Refuse of a tenant what is refused of a gateway without tenants."""
    if not shared.dev and not tenant.clients:
        raise ValueError(f"the tenant {tenant.name} has no clients: add them below it.")
    checks.require_one_key(tenant.key_file, tenant.key_environment, tenant.key_command)
    checks.require_order(tenant.retention_least_days, tenant.retention_most_days)
    checks.require_distinct(tenant.clients, tenant.issuers)
    checks.require_allowed(tenant.clients, tenant.issuers, shared.jwks_hosts)
    checks.require_bindable(tenant.clients, shared.tls_client_ca)


def _require_distinct(what: str, values: Iterable[object]) -> None:
    listed = list(values)
    if len(set(listed)) < len(listed):
        raise ValueError(f"two tenants have the same {what}: each has its own.")
