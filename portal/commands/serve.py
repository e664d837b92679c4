"""The command that serves the portal."""

import click

from portal import config as configuration
from portal import server
from portal.commands.failures import refusing
from portal.commands.opening import current_database

HOST = "127.0.0.1"
PORT = click.IntRange(0, 65535)


@click.command("serve")
@click.option("--host", default=HOST, show_default=True, help="Address to listen at.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=server.WORKERS_DEFAULT, show_default=True, help="Processes.")
@click.option(
    "--threads", type=click.IntRange(1, server.THREADS_MAX), default=server.THREADS_DEFAULT, show_default=True, help="Threads in each process."
)
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the portal until it is told to stop."""
    config = configuration.from_environment()
    with current_database(config.database_url), refusing(server.CannotListenError):
        listener = server.listen(host, port)
    click.echo(f"Serving at {server.address(listener)}; Ctrl-C stops it.", err=True)
    server.serve(config, listener, workers, threads)
