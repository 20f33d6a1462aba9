"""`triage-gateway` and `python -m gateway`: only dispatches."""

import importlib

import click

_COMMANDS = (
    *("audit", "backup", "demo", "erase", "erasures", "evaluate", "export", "hold"),
    *("keys", "knowledge", "model", "push", "quarantine", "rebuild", "restore"),
    *("rules", "serve", "token", "train"),
)


class _Commands(click.Group):
    """Imports a command's module when it is asked for, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        _ = ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command: `gateway.cli.NAME.NAME`."""
        _ = ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"gateway.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands)
@click.version_option(package_name="triage-gateway")
def main() -> None:
    """Event-sourced FHIR R4 triage gateway. Not a medical device."""


if __name__ == "__main__":
    main()
