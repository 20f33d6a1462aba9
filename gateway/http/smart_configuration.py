"""GET /fhir/.well-known/smart-configuration (SMART App Launch 2.2, conformance)."""

from aiohttp import web

from gateway.access.assertion import ALGORITHMS
from gateway.http.services import SERVICES


async def smart_configuration(request: web.Request) -> web.Response:
    """Say where tokens are given, by which proof, and for which scopes."""
    services = request.app[SERVICES]
    registered = {
        str(scope) for client in services.settings.clients for scope in client.granted
    }
    return web.json_response(
        {
            "token_endpoint": services.desk.audience,
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "scopes_supported": sorted(registered),
            # Required of every server, also of one without an authorization endpoint.
            "code_challenge_methods_supported": ["S256"],
            "capabilities": [
                "client-confidential-asymmetric",
                "permission-v1",
                "permission-v2",
            ],
        },
        headers={"Cache-Control": "no-cache"},
    )
