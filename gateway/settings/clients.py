"""Who may call: systems with a token or keys, and issuers of people's tokens."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.settings.keys import Jwks, JwksUrl, require_one_source
from gateway.settings.scopes import Scope, scope

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Literal["feed", "nurse", "auditor", "operator"]
_ROLES: dict[Role, tuple[str, ...]] = {
    "feed": ("system/*.cruds",),
    "nurse": ("user/*.rs", "user/Task.ru"),
    "auditor": ("system/*.rs", "system/AuditEvent.rs"),
    "operator": (
        *("system/*.rs", "system/$recall.c", "system/$sign-rules.c"),
        *("system/$load-knowledge.c", "system/$sign-knowledge.c"),
        *("system/$switch-model.c", "system/$release-model.c"),
    ),
}


class Client(BaseModel):
    """A caller: its name, how it proves it, and what it may do.

    It proves itself by a bearer token, of which the SHA-256 is kept, or by its own
    keys at the token endpoint (SMART Backend Services); its name is its `client_id`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    role: Role | None = None  # a preset of scopes
    scopes: tuple[str, ...] = ()  # such as "system/Patient.rs"
    token_sha256: Sha256 | None = None
    jwks: Jwks | None = None  # its public keys
    jwks_url: JwksUrl | None = None  # where they are; the host is in jwks_hosts
    certificate_sha256: Sha256 | None = None  # of its TLS certificate (DER), if bound
    practitioner: str = ""  # literal reference of a nurse, such as "Practitioner/7"
    display: str = ""  # how the nurse is named in the resources she signs

    @property
    def granted(self) -> tuple[Scope, ...]:
        """Return the scopes that the operator registered."""
        preset = _ROLES[self.role] if self.role else ()
        return tuple(scope(each) for each in (*preset, *self.scopes))

    @property
    def has_keys(self) -> bool:
        """Say whether it asks the token endpoint for its tokens."""
        return self.token_sha256 is None

    @field_validator("scopes")
    @classmethod
    def _grantable(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        for each in scopes:
            scope(each)
        return scopes

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.role) == bool(self.scopes):
            raise ValueError("say what it may do once: by its role, or by its scopes.")
        if self.token_sha256 is None:
            require_one_source(self.jwks, self.jwks_url)
            self._require_system()
        elif self.jwks or self.jwks_url:
            raise ValueError("give it a token or keys, not both.")
        return self

    def _require_system(self) -> None:
        if any(each.context != "system" for each in self.granted):
            raise ValueError(
                "a client with keys is a system: it gets system/ scopes. People's "
                "tokens come from [[issuers]]."
            )


class Issuer(BaseModel):
    """An OpenID provider whose tokens people may use, such as the EHR's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    issuer: Annotated[str, Field(pattern=r"^https://[^\s]{1,500}$")]  # `iss`, exactly
    audience: Annotated[str, Field(min_length=1, max_length=500)]  # `aud` holds it
    jwks: Jwks | None = None
    jwks_url: JwksUrl | None = None
    algorithms: tuple[Literal["RS256", "RS384", "ES256", "ES384"], ...] = ("RS256",)
    scopes: tuple[str, ...] = ("user/Task.rus",)  # the most that a token may hold
    fhir_base: Annotated[str, Field(pattern=r"^https://[^\s]{1,500}$")] | None = None

    @property
    def granted(self) -> tuple[Scope, ...]:
        """Return the most that a person's token may do."""
        return tuple(map(scope, self.scopes))

    @field_validator("scopes")
    @classmethod
    def _of_people(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if any(scope(each).context != "user" for each in scopes):
            raise ValueError("people get user/ scopes.")
        return scopes

    @model_validator(mode="after")
    def _complete(self) -> Self:
        require_one_source(self.jwks, self.jwks_url)
        return self
