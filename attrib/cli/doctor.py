"""`attrib doctor`: what is installed, what is wrong, and how to mend it."""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from attrib.cli import failures, options
from attrib.cli.terminal import emit_json, output, printable, working
from attrib.counts import plural

if TYPE_CHECKING:
    from attrib.config import Config

NEEDED = ("sqlalchemy", "alembic", "datasketch", "numba", "numpy", "rapidfuzz", "zstandard", "flask", "gunicorn")
TO_GENERATE = ("torch", "transformers", "safetensors")
MEND_GENERATE = "pip install 'attrib[generate]' to generate; checking works without"


class State(StrEnum):
    """How a finding stands: fine, fine but something is missing, or in need of mending."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not ok."""

    name: str
    state: State
    detail: str
    mend: str | None = None


@click.command()
@options.as_json
@options.model
@click.pass_context
def doctor(context: click.Context, as_json: bool, model: str | None, device: str | None, dtype: str | None) -> None:
    """Say what is wrong here and how to mend it.

    Looks at Python and the packages, the device, the model, the data folder, the database and the index.
    Exit status: 0 nothing is wrong; 1 something is.
    """
    config = options.settings(context, {"model": model, "device": device, "dtype": dtype})
    with working("looking"):
        findings = [_examined(name, look, config) for name, look in EXAMINATIONS.items()]
    wrong = any(finding.state is State.WRONG for finding in findings)
    if as_json:
        emit_json({"status": "wrong" if wrong else "ok", "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    context.exit(failures.EXIT_FOUND if wrong else 0)


def _examined(name: str, look: Callable[["Config"], Finding], config: "Config") -> Finding:
    try:
        return look(config)
    except Exception as error:
        return Finding(name, State.WRONG, failures.explain(error))


def _python(config: "Config") -> Finding:
    where = f"{platform.system()} {platform.machine()}"
    return Finding("python", State.OK, f"{platform.python_version()} at {sys.executable}, {where}")


def _packages(config: "Config") -> Finding:
    versions = {name: _version(name) for name in NEEDED}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        return Finding("packages", State.WRONG, f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return Finding("packages", State.OK, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _generation(config: "Config") -> Finding:
    versions = {name: _version(name) for name in TO_GENERATE}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        return Finding("generation", State.WARNING, f"missing: {', '.join(missing)}", MEND_GENERATE)
    return Finding("generation", State.OK, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _device(config: "Config") -> Finding:
    if _version("torch") is None:
        return Finding("device", State.WARNING, "unknown without torch", MEND_GENERATE)
    from generator.loading import choose_device, choose_dtype

    device = choose_device(config.device)
    return Finding("device", State.OK, f"{device}, {str(choose_dtype(config.dtype, device)).removeprefix('torch.')}")


def _model(config: "Config") -> Finding:
    if any(_version(name) is None for name in TO_GENERATE):
        return Finding("model", State.WARNING, f"{config.model} cannot be loaded", MEND_GENERATE)
    from generator.locating import locate

    source, local = locate(config.model)
    where = f"in {source}" if local else "from the model hub when it is first used"
    return Finding("model", State.OK, f"{config.model}, {where}")


def _home(config: "Config") -> Finding:
    there = next(folder for folder in (config.home, *config.home.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        mend = "set ATTRIB_HOME to a folder of your own"
        return Finding("data folder", State.WRONG, f"{config.home} cannot be written", mend)
    absent = "" if there == config.home else ", made at first use"
    return Finding("data folder", State.OK, f"{config.home}{absent}")


def _database(config: "Config") -> Finding:
    from sqlalchemy.engine import make_url

    from attrib import database

    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Finding("database", State.OK, f"{url.database}, made at first use")
    engine = database.connect(config.database_url)
    try:
        database.check_revision(engine)
        shown = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
        return Finding("database", State.OK, f"{shown}, revision {database.current_revision(engine)}")
    finally:
        engine.dispose()


def _access(config: "Config") -> Finding:
    from sqlalchemy.engine import make_url

    from attrib import database
    from attrib.keys import KeyStore, utc_now

    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        known = []
    else:
        engine = database.connect(config.database_url)
        try:
            known = KeyStore(engine).list()
        finally:
            engine.dispose()
    provider = f", or a login with {config.oidc.issuer}" if config.oidc else ""
    standing = [key for key in known if key.why_refused(utc_now()) is None]
    if not known and not provider:
        return Finding("access", State.OK, "nobody is asked for a key, so only this machine is served")
    if not standing and not provider:
        mend = "attrib keys create --name NAME --scope check,generate"
        return Finding("access", State.WARNING, "keys are asked for, and no key stands any more", mend)
    detail = f"keys are asked for: {len(standing):,} of {plural(len(known), 'key')} may be used{provider}"
    return Finding("access", State.OK, detail)


def _index(config: "Config") -> Finding:
    from attrib.bootstrap import open_index

    if not config.index_folder.exists():
        return Finding("index", State.WARNING, "nothing is in it yet", "attrib index add installed")
    opened = open_index(config)
    totals = opened.totals()
    if totals.sources == 0:
        return Finding("index", State.WARNING, "nothing is in it yet", "attrib index add installed")
    incomplete = opened.catalog.holdings.incomplete_sources()
    if incomplete:
        detail = f"{plural(len(incomplete), 'source')} of {totals.sources:,} incomplete"
        return Finding("index", State.WARNING, detail, "attrib index verify names them; add them again")
    return Finding(
        "index",
        State.OK,
        f"{plural(totals.sources, 'source')}, {plural(totals.files, 'file')}, {plural(totals.lexemes, 'lexeme')}, "
        f"{totals.segment_bytes / 1e6:,.0f} MB, revision {totals.revision}",
    )


def _postings(config: "Config") -> Finding:
    from attrib.bootstrap import open_index
    from attrib.config import LOCAL_POSTINGS
    from index.posting_store.connecting import without_secrets

    if config.postings == LOCAL_POSTINGS or not config.index_folder.exists():
        return Finding("postings", State.OK, "looked up in the segments of the index")
    state = open_index(config).inspect_postings(config.postings)
    where = f"{plural(state.postings, 'posting')} of {plural(state.segments, 'segment')}"
    where += f" at {without_secrets(config.postings)}"
    if state.whole:
        return Finding("postings", State.OK, where)
    lacks = {
        "of the index are not there": plural(state.missing, "segment") if state.missing else "",
        "cannot be reached": f"{state.unreachable:,} shelves" if state.unreachable else "",
        "have lost something": f"{state.forgotten:,} shelves" if state.forgotten else "",
    }
    told = "; ".join(f"{count} {what}" for what, count in lacks.items() if count)
    mend = "bring the servers back" if state.unreachable else "attrib index load-postings"
    return Finding("postings", State.WRONG, f"{where}: {told}, so that checks are incomplete", mend)


EXAMINATIONS: dict[str, Callable[["Config"], Finding]] = {
    "python": _python,
    "packages": _packages,
    "generation": _generation,
    "device": _device,
    "model": _model,
    "data folder": _home,
    "database": _database,
    "access": _access,
    "index": _index,
    "postings": _postings,
}
STYLE = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red"}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _show(findings: list[Finding]) -> None:
    console = output()
    for finding in findings:
        state = (f"{finding.state.value:8}", STYLE[finding.state])
        console.print(Text.assemble(state, (f"{finding.name:12}", "bold"), printable(finding.detail)))
        if finding.mend is not None:
            console.print(Text(f"{'':20}mend: {finding.mend}", style="dim"))
