"""The `attrib` command: its subcommands, and the one place where errors become exit statuses."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from attrib import __version__
from attrib.cli import failures
from attrib.cli.audit import audit
from attrib.cli.check import check
from attrib.cli.db import db
from attrib.cli.decide import decide
from attrib.cli.doctor import doctor
from attrib.cli.generate import generate
from attrib.cli.index import index
from attrib.cli.keys import keys
from attrib.cli.license import license
from attrib.cli.notice import notice
from attrib.cli.policy import policy
from attrib.cli.records import records
from attrib.cli.serve import serve

INTERRUPTED = "interrupted: what was finished is kept, and the index is whole"


class AttribCommand(click.Group):
    """A command group that ends with a status and at most one line on stderr, never a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "attrib",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit with its status."""
        # A name or a licence may hold what the terminal's encoding has not.
        with suppress(AttributeError):
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        try:
            status = super().main(args, prog_name, complete_var, False, **extra)
        except click.Abort:
            _say(INTERRUPTED)
            status = failures.EXIT_INTERRUPTED
        except Exception as error:
            if _debugging(args):
                raise
            _say(failures.explain(error))
            status = failures.EXIT_UNUSABLE
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand, ending here what click would end in its own way: an interrupt, and a reader that left."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            _say(INTERRUPTED)
            ctx.exit(failures.EXIT_INTERRUPTED)
        except BrokenPipeError:
            # Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(failures.EXIT_BROKEN_PIPE)
        return result


@click.group("attrib", cls=AttribCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="attrib", message="%(prog)s %(version)s")
@click.option("--home", type=click.Path(path_type=Path), help="Data folder (ATTRIB_HOME).")
@click.option("--database-url", help="Database of records and catalogue (ATTRIB_DATABASE_URL).")
@click.option("--debug", is_flag=True, help="Show where an error arose.")
@click.pass_context
def cli(context: click.Context, home: Path | None, database_url: str | None, debug: bool) -> None:
    """Find where generated code was copied from, and attach its source, licence and notice.

    Exit status: 0 nothing at or above --fail-on; 1 something is; 2 wrong use or unreadable input.
    """
    context.obj = {"home": home, "database_url": database_url}


for command in (index, check, generate, audit, decide, notice, license, policy, records, serve, keys, db, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line this process was started with."""
    cli.main()


def _debugging(args: Sequence[str] | None) -> bool:
    return "--debug" in (sys.argv[1:] if args is None else args)


def _say(line: str) -> None:
    with suppress(OSError):
        click.echo(f"attrib: {line}", err=True)
