"""The command line: finds the command that is named."""

import gc
from importlib import import_module
from types import ModuleType

import click

COMMANDS = ("audit", "clinic", "db", "demo", "guardian", "housekeeping", "invitation", "key", "mail", "patient", "schedule", "serve")


class _Commands(click.Group):
    """The commands, each a module that is imported when it is named: the server needs nothing of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = _module(cmd_name).command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what may go wrong with any of them is told in one clear line."""
        with _module("failures").told_plainly():
            return super().invoke(ctx)


def _module(name: str) -> ModuleType:
    """Import a module of the commands. Nothing that it makes is garbage, and to search for some takes a tenth of the server's start."""
    gc.disable()
    try:
        return import_module(f"portal.commands.{name}")
    finally:
        gc.enable()


@click.group(cls=_Commands, name="portal", context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run the patient appointment portal."""
