"""The command line: finds the command that is named, and tells expected failures in one line."""

from importlib import import_module

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from portal.commands.opening import Refused, first_line
from portal.config import ConfigurationError
from portal.storage.engine import DatabaseBusyError, UnsafeDatabaseError

COMMANDS = ("clinic", "db", "demo", "key", "serve")
_PLAIN = (ConfigurationError, UnsafeDatabaseError, OSError)
_ADDRESS = (ArgumentError, NoSuchModuleError, ModuleNotFoundError)


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
        command: click.Command = import_module(f"portal.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and turn what may go wrong with any of them into one clear line."""
        try:
            return super().invoke(ctx)
        except DatabaseBusyError as error:
            raise Refused("portal: the database is busy: another program has been writing to it for too long") from error
        except DBAPIError as error:
            raise Refused(f"portal: the database refused: {first_line(error.orig)}") from error
        except _ADDRESS as error:
            raise Refused(f"portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: {first_line(error)}") from error
        except _PLAIN as error:
            raise Refused(f"portal: {first_line(error)}") from error


@click.group(cls=_Commands, name="portal", context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run the patient appointment portal."""
