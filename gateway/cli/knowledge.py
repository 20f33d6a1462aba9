"""`triage-gateway knowledge`: what the gateway may quote, and who signed it."""

import importlib

import click

_COMMANDS = {
    "load": "knowledge_load.load_knowledge",
    "list": "knowledge_list.list_knowledge",
    "check": "knowledge_check.check_knowledge",
    "sign": "knowledge_sign.sign_knowledge",
    "evaluate": "knowledge_evaluate.evaluate_knowledge",
}


class _Commands(click.Group):
    """Imports a command's module when it is asked for: some bring numpy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        _ = ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command of a module of its own."""
        _ = ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(".")
        found = importlib.import_module(f"gateway.cli.{module}")
        command: click.Command = getattr(found, name)
        return command


@click.group(cls=_Commands)
def knowledge() -> None:
    """Load, list, check, sign and measure what the gateway may quote."""
