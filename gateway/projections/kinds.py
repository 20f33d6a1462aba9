"""The two files of read models: what fills each, and from which events."""

from gateway.projections import audit, projection
from gateway.projections.audit import AuditProjection
from gateway.projections.batch import Follower
from gateway.projections.database import Database
from gateway.projections.preparing import History, Kind
from gateway.projections.projection import Projection
from gateway.projections.rows import Rows


def resources() -> Kind:
    """Return what fills the resources that everybody reads."""
    return Kind("projections", projection.UNREAD, "", _resources)


def audit_events(tenant: str) -> Kind:
    """Return what fills the AuditEvents of a tenant."""
    return Kind("audit", audit.UNREAD, tenant, _audit_events)


def _resources(
    database: Database, history: History, _tenant: str, rows: Rows
) -> Follower:
    return Projection(database, history, rows)


def _audit_events(
    database: Database, history: History, tenant: str, rows: Rows
) -> Follower:
    return AuditProjection(database, history, gateway=tenant, rows=rows)
