"""Where the knowledge is, if it is in a Weaviate server."""

import importlib.util
import re
from typing import Annotated, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

_Address = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,255}/?$")]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what Weaviate takes for a tenant


class WeaviateSettings(BaseModel):
    """The settings of the server; without an address the index is a file."""

    tenant: str = "default"
    weaviate_url: _Address | None = None  # its REST API
    weaviate_grpc_port: Annotated[int, Field(ge=1, le=65535)] = 50051  # same host
    weaviate_api_key: SecretStr | None = None
    weaviate_tenant: str | None = None  # default: the gateway's tenant
    weaviate_replicas: Annotated[int, Field(ge=1, le=99)] = 1  # of new collections
    weaviate_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 2  # a search

    @property
    def tenant_in_weaviate(self) -> str:
        """Return the name under which the tenant's knowledge is kept there."""
        return self.weaviate_tenant or self.tenant

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if not self.weaviate_url and (self.weaviate_api_key or self.weaviate_tenant):
            raise ValueError("weaviate_api_key and weaviate_tenant need weaviate_url.")
        return self

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.weaviate_url:
            return self
        if importlib.util.find_spec("weaviate") is None:
            raise ValueError(
                "weaviate_url needs Weaviate's client: install it with"
                " triage-gateway[weaviate]."
            )
        if not _NAME.fullmatch(self.tenant_in_weaviate):
            raise ValueError(
                "Weaviate does not take the tenant's name: give weaviate_tenant, 1 to"
                " 64 letters, digits, hyphens or underscores."
            )
        return self
