"""The log in PostgreSQL, which several gateways may write."""
