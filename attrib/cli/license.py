"""`attrib license`: which licence is this, and what does it ask for."""

import os
import re
from typing import TYPE_CHECKING

import click

from attrib.cli import options
from attrib.cli.inputs import STANDARD_INPUT, read_code
from attrib.cli.terminal import emit_json, output, printable_line
from attrib.errors import UnreadableInput

if TYPE_CHECKING:
    from attrib.license_answer import FoundLicense, LicenseAnswer

# What is written like a file and is none was meant as one.
_LIKE_A_FILE = re.compile(r"\S*[/\\]\S+|\S+\.[A-Za-z]{1,5}|\.{1,2}")


@click.command(name="license")
@click.argument("what", metavar="FILE-or-text-or-SPDX")
@options.as_json
@click.pass_context
def license(context: click.Context, what: str, as_json: bool) -> None:
    """Say which licence a file or text is, or what a licence asks for.

    Reads standard input with "-". A licence that is not known is said so, with exit status 0.
    """
    answer = _answer(context, what)
    if as_json:
        emit_json(answer.as_json())
    else:
        _show(answer)


def _answer(context: click.Context, what: str) -> "LicenseAnswer":
    from attrib.license_answer import answer_for

    if what == STANDARD_INPUT or os.path.exists(what):
        given = read_code(what, options.settings(context, {}).max_code_bytes)
        if b"\0" in given.code:
            raise UnreadableInput(f"{given.name} is not text: give a licence file, a source file or an SPDX id")
        return answer_for(given.code.decode("utf-8", "replace"), given.path or "")
    answer = answer_for(what)
    if answer.facts is None and not answer.may_be and _LIKE_A_FILE.fullmatch(what):
        raise UnreadableInput(f"{what} is neither a file nor a licence: give a file that is there, or an SPDX id")
    return answer


def _show(answer: "LicenseAnswer") -> None:
    console = output()
    facts = answer.facts
    if facts is None:
        console.print(f"not known: {printable_line(answer.reason or answer.recognised)}")
        if answer.may_be:
            console.print(f"it may be {printable_line(', '.join(answer.may_be))}")
    else:
        console.print(f"{printable_line(facts.expression)}: {facts.category.value}")
        console.print(f"  {facts.meaning}")
        if facts.deprecated is not None:
            console.print(f"  {facts.deprecated} is an old id, deprecated on the SPDX list for {facts.expression}")
        elif facts.changed is not None and not answer.found:
            console.print(f"  {printable_line(facts.changed)}")
    for found in answer.found:
        console.print(f"  {printable_line(_found(found))}")
    if facts is None:
        return
    for part in facts.parts:
        flags = [name for name, holds in (("OSI", part.osi_approved), ("FSF", part.fsf_libre)) if holds]
        approved = f"approved by {' and '.join(flags)}" if flags else "approved by neither OSI nor FSF"
        console.print(f"\n{printable_line(part.license_id)}  {part.name or 'not on the SPDX list'}, {approved}")
        console.print(f"  {part.category.value}: {part.why}")
    console.print("\nWhat it asks when its code is reproduced")
    if facts.choice is not None:
        console.print(f"  {printable_line(facts.choice)}")
    for sentence in facts.obligations.sentences:
        console.print(f"  {printable_line(sentence[:1].upper() + sentence[1:])}.")
    for row in facts.obligations.rows:
        console.print(f"  {row.license_id}, {row.section}: {row.reason}")


def _found(found: "FoundLicense") -> str:
    lines = ""
    if found.lines is not None:
        start, end = found.lines
        lines = f" in line {start}" if start == end else f" in lines {start}-{end}"
    alike = f", {found.similarity:.1%} of its words" if found.similarity is not None else ""
    same = f" (the same words are {', '.join(found.same_text)})" if found.same_text else ""
    altered = f"; altered: {found.altered}" if found.altered is not None else ""
    return f"{found.license}{same}: {found.how}{lines}{alike}{altered}"
