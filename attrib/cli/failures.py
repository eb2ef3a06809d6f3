"""Turns what went wrong into the one line a person reads, and the exit status a script reads."""

import sys

import click

from attrib.cli.terminal import printable_line
from attrib.errors import AttribError
from index.errors import ReferenceIndexError

TO_GENERATE = ("torch", "transformers", "tokenizers", "safetensors")
EXIT_FOUND = 1
EXIT_UNUSABLE = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def explain(error: Exception) -> str:
    """Return one line that says what is wrong and how to mend it, whatever the error."""
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx is not None else "attrib"
        message = _one_line(error.format_message()).rstrip(".")
        return f"{message}{'' if message.endswith('?') else '.'} See `{command} --help`"
    if isinstance(error, click.ClickException):
        return _one_line(error.format_message())
    if isinstance(error, AttribError | ReferenceIndexError) or _is_generator_error(error):
        return _one_line(str(error))
    if isinstance(error, ModuleNotFoundError) and error.name in TO_GENERATE:
        return f"{error.name} is not installed, and generating needs it: pip install 'attrib[generate]'"
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return _one_line(f"{error.filename}: {reason}" if error.filename is not None else str(error) or reason)
    if isinstance(error, MemoryError):
        return "there is not enough memory: give less code at once, or a smaller model"
    if _is_database_error(error):
        return _one_line(f"the database cannot be used: {getattr(error, 'orig', error)}: see `attrib doctor`")
    return _one_line(
        f"this is a fault of Attrib's own ({type(error).__name__}): "
        "run it again with `attrib --debug` and report what it says"
    )


def _is_generator_error(error: Exception) -> bool:
    # Nothing of the generator is imported by commands that only check.
    errors = sys.modules.get("generator.errors")
    return errors is not None and isinstance(error, errors.GeneratorError)


def _is_database_error(error: Exception) -> bool:
    errors = sys.modules.get("sqlalchemy.exc")
    return errors is not None and isinstance(error, errors.DBAPIError)


def _one_line(text: str) -> str:
    return printable_line(" ".join(text.split()))
