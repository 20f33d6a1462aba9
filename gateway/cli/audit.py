"""`triage-gateway audit`: what a log proves and tells, without its gateway."""

import click

from gateway.cli.audit_case import show_case
from gateway.cli.audit_export import (
    export_log,
    print_checkpoint,
    print_public_keys,
    prove,
    rotate_signing_key,
)
from gateway.cli.audit_recall import recall
from gateway.cli.audit_replay import replay_log
from gateway.cli.audit_rerun import rerun_case
from gateway.cli.audit_verify import verify_log
from gateway.cli.audit_witness import tell_witness


@click.group()
def audit() -> None:
    """Prove what a log says, from its data folder alone."""


audit.add_command(verify_log)
audit.add_command(export_log)
audit.add_command(prove)
audit.add_command(print_checkpoint)
audit.add_command(print_public_keys)
audit.add_command(rotate_signing_key)
audit.add_command(tell_witness)
audit.add_command(replay_log)
audit.add_command(show_case)
audit.add_command(rerun_case)
audit.add_command(recall)
