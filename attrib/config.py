"""The settings of one process, read once and never changed."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from attrib.errors import ConfigurationError
from attrib.nearest import nearest
from attrib.oidc_settings import AccessRule, OidcSettings, read_access
from attrib.policy import Policy
from attrib.policy_settings import PolicyMistakes, read_policy
from attrib.steering import Steering
from index.collection import EVERY_COLLECTION, Collection
from index.errors import UnusablePattern
from index.lsh import PARAMETER_SETS
from index.purls import source_pattern

SETTINGS_FILE = "attrib.toml"
ENVIRONMENT_PREFIX = "ATTRIB_"
LOCAL_POSTINGS = "local"
DEFAULT_MAX_CODE_BYTES = 2_000_000
DEFAULT_MAX_ARCHIVE_BYTES = 200_000_000
DEFAULT_AUDIT_QUEUE = 16

Retention = Literal["full", "hashes"]
LogFormat = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting Attrib has.

    `max_code_bytes` bounds one checked text, `max_batch_lines` the checks of one batch, `max_long_requests` the
    generations and batches that a serving process works at, `max_generation_seconds` the time of one generation,
    `max_check_seconds` that of one check there.
    `keep_days` is 0 where no record expires.
    `max_archive_bytes` bounds an archive sent to be audited, in bytes, and `audit_queue` is how many of these may wait;
    below `audit_roots` folders of the server itself may be audited over the network.
    """

    home: Path
    database_url: str = field(repr=False)
    model: str = "embedded"
    device: str = "auto"
    model_key: str | None = field(default=None, repr=False)
    steering: Steering = "on"
    dtype: str = "auto"
    postings: str = field(default=LOCAL_POSTINGS, repr=False)
    index_parameters: str = "balanced"
    exclude: tuple[str, ...] = ()
    collections: tuple[Collection, ...] = EVERY_COLLECTION
    follow: str | None = None
    follow_seconds: int = 30
    retention: Retention = "full"
    keep_days: int = 0
    max_code_bytes: int = DEFAULT_MAX_CODE_BYTES
    max_batch_lines: int = 10_000
    max_long_requests: int = 6
    max_generation_seconds: int = 600
    max_check_seconds: int = 30
    public_url: str | None = None
    trusted_proxies: int = 0
    rate_limit: str = "600/minute"
    rate_limit_storage: str = field(default="memory://", repr=False)
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_access: tuple[AccessRule, ...] = ()
    log_format: LogFormat = "text"
    stop_seconds: int = 30
    max_archive_bytes: int = DEFAULT_MAX_ARCHIVE_BYTES
    audit_queue: int = DEFAULT_AUDIT_QUEUE
    policy: Policy = field(default_factory=Policy)
    audit_ignore: tuple[str, ...] = ()
    audit_own: tuple[str, ...] = ()
    audit_roots: tuple[Path, ...] = ()

    @property
    def audits_folder(self) -> Path:
        """The folder that holds archives until they are audited."""
        return self.home / "audits"

    @property
    def index_folder(self) -> Path:
        """The folder that holds the reference index's segments."""
        return self.home / "index"

    @property
    def oidc(self) -> OidcSettings | None:
        """How people log in with an OpenID Connect provider; None where no provider is named."""
        issuer, client_id, secret, public_url = (
            self.oidc_issuer,
            self.oidc_client_id,
            self.oidc_client_secret,
            self.public_url,
        )
        if issuer is None or client_id is None or secret is None or public_url is None:
            return None
        return OidcSettings(issuer, client_id, secret, self.oidc_access, public_url)


def load_config(overrides: Mapping[str, Any], environ: Mapping[str, str], cwd: Path) -> Config:
    """Read attrib.toml in `cwd`, then the environment, then the options; the later one wins.

    Options that are None count as not given; relative folders are taken from `cwd`.
    Raises ConfigurationError naming every mistake there is, not only the first.
    """
    mistakes: list[str] = []
    given: dict[str, Any] = {}
    for where, values in (
        (SETTINGS_FILE, _from_file(cwd / SETTINGS_FILE, mistakes)),
        ("environment", _from_environment(environ, mistakes)),
        ("options", {name: value for name, value in overrides.items() if value is not None}),
    ):
        for name, value in values.items():
            if name not in _READERS:
                mistakes.append(f"{where}: unknown setting {name!r}{nearest(name, _READERS)}")
                continue
            try:
                given[name] = _READERS[name](value, cwd)
            except PolicyMistakes as error:
                mistakes += [f"{where}: {mistake}" for mistake in error.mistakes]
            except ValueError as error:
                shown = f"{ENVIRONMENT_PREFIX}{name.upper()}" if where == "environment" else name
                mistakes.append(f"{where}: {shown} {error}")
    mistakes += _incomplete(given)
    if mistakes:
        raise ConfigurationError("; ".join(mistakes))
    home = given.setdefault("home", platformdirs.user_data_path("attrib", appauthor=False))
    given.setdefault("database_url", f"sqlite:///{home / 'attrib.db'}")
    return Config(**given)


def _from_file(path: Path, mistakes: list[str]) -> Mapping[str, Any]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        table = given.pop("audit", {})
        if isinstance(table, Mapping):
            return {**given, **{f"audit_{name}": value for name, value in table.items()}}
        mistakes.append(f"{path.name}: audit must be a table, not {table!r}")
        return given
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"{path.name}: is not valid TOML: {error}")
    except OSError as error:
        mistakes.append(f"{path.name}: cannot be read: {error.strerror}")
    return {}


def _from_environment(environ: Mapping[str, str], mistakes: list[str]) -> Mapping[str, str]:
    """Take the variables that name a setting; one that nearly does is a mistake, any other is somebody else's."""
    known = {f"{ENVIRONMENT_PREFIX}{name.upper()}": name for name in _READERS}
    for variable in sorted(environ):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in known:
            hint = nearest(variable, known, likeness=0.85)
            if hint:
                mistakes.append(f"environment: unknown setting {variable!r}{hint}")
    return {name: environ[variable] for variable, name in known.items() if environ.get(variable, "") != ""}


def _incomplete(given: Mapping[str, Any]) -> list[str]:
    """Say what is missing for a login with a provider, where any part of one is given."""
    missing = [name for name in _OIDC if name not in given]
    if len(missing) == len(_OIDC):
        return []
    return [
        f"logging in with OpenID Connect also needs {name}" for name in (*missing, "public_url") if name not in given
    ]


def _text(value: Any, cwd: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text, not {value!r}")
    return value.strip()


def _folder(value: Any, cwd: Path) -> Path:
    text = str(value) if isinstance(value, Path) else _text(value, cwd)
    try:
        return cwd / Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"names a home folder that is not there: {text!r}") from error


def _database_url(value: Any, cwd: Path) -> str:
    text = _text(value, cwd)
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ValueError("must be a database URL such as sqlite:////data/attrib.db") from error
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(f"must name sqlite or postgresql, not {backend}")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("must name a file: records kept in memory would be lost")
    return text


def _pattern(pattern: str, expected: str) -> Callable[[Any, Path], str]:
    def read(value: Any, cwd: Path) -> str:
        text = _text(value, cwd)
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"must be {expected}, not {text!r}")
        return text

    return read


def _purls(value: Any, cwd: Path) -> tuple[str, ...]:
    purls = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(purls, list | tuple) or not all(isinstance(purl, str) for purl in purls):
        raise ValueError(f"must be a list of purls, not {value!r}")
    return tuple(_source(purl) for purl in purls)


def _globs(value: Any, cwd: Path) -> tuple[str, ...]:
    patterns = value.split(",") if isinstance(value, str) else value
    if not isinstance(patterns, list | tuple) or not all(isinstance(pattern, str) for pattern in patterns):
        raise ValueError(f"must be a list of patterns as in a .gitignore, not {value!r}")
    return tuple(pattern.strip() for pattern in patterns if pattern.strip())


def _folders(value: Any, cwd: Path) -> tuple[Path, ...]:
    folders = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(folders, list | tuple):
        raise ValueError(f"must be a list of folders, not {value!r}")
    return tuple(Path(os.path.normpath(_folder(folder, cwd))) for folder in folders if folder != "")


def _source(purl: str) -> str:
    try:
        return source_pattern(purl)
    except UnusablePattern as error:
        raise ValueError(f"must hold purls such as pkg:pypi/flask, not {purl!r}") from error


def _collections(value: Any, cwd: Path) -> tuple[Collection, ...]:
    names = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not {*map(str, names)} <= {*EVERY_COLLECTION}:
        raise ValueError(f"must be a list of {' and '.join(EVERY_COLLECTION)}, or of one of them, not {value!r}")
    return tuple(one for one in EVERY_COLLECTION if one in names)


def _whole_number(least: int) -> Callable[[Any, Path], int]:
    def read(value: Any, cwd: Path) -> int:
        text = str(value).strip()
        if isinstance(value, bool | float) or re.fullmatch(r"[+-]?\d+(_\d+)*", text) is None:
            raise ValueError(f"must be a whole number, not {value!r}")
        number = int(text)
        if number < least:
            raise ValueError(f"must be at least {least}, not {number}")
        return number

    return read


def _address(value: Any, cwd: Path) -> str:
    """Read the address of a server: over plain HTTP only where it is on this machine."""
    text = _text(value, cwd).rstrip("/")
    if re.fullmatch(r"https://[^\s?#@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s?#]*)?", text) is None:
        raise ValueError(f"must be an address that begins with https://, not {text!r}")
    return text


def _origin(value: Any, cwd: Path) -> str:
    text = _text(value, cwd).rstrip("/").lower()
    if re.fullmatch(r"https?://[^\s/?#@]+", text) is None:
        raise ValueError(f"must be an address without a path, such as https://attrib.example.org, not {text!r}")
    return text


def _access(value: Any, cwd: Path) -> tuple[AccessRule, ...]:
    return read_access(value)


def _policy(value: Any, cwd: Path) -> Policy:
    """Read the table itself, or the file with such a table that a text names; its paths are taken from `cwd`."""
    if isinstance(value, Mapping):
        return read_policy(value, cwd)
    path = _folder(value, cwd)
    if not path.is_file():
        raise ValueError(f"must be a table, or name a file that has one, and {str(value)!r} is no file")
    mistakes: list[str] = []
    table = _from_file(path, mistakes).get("policy", {})
    if mistakes:
        raise PolicyMistakes(mistakes)
    if not isinstance(table, Mapping):
        raise PolicyMistakes([f"{path.name}: policy must be a table, not {table!r}"])
    try:
        return read_policy(table, cwd)
    except PolicyMistakes as error:
        raise PolicyMistakes(f"{path.name}: {mistake}" for mistake in error.mistakes) from error


_READERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "home": _folder,
    "database_url": _database_url,
    "model": _text,
    "device": _pattern(r"auto|cpu|mps|cuda(:\d+)?", "auto, cpu, mps, cuda or cuda:N"),
    "dtype": _pattern(r"auto|float32|float16|bfloat16", "auto, float32, float16 or bfloat16"),
    "model_key": _text,
    "steering": _pattern("off|on|retry", "off, on or retry"),
    "postings": _pattern(rf"{LOCAL_POSTINGS}|rediss?://\S+", "local, or redis://HOST:PORT"),
    "index_parameters": _pattern("|".join(PARAMETER_SETS), ", ".join(PARAMETER_SETS)),
    "exclude": _purls,
    "collections": _collections,
    "follow": _text,
    "follow_seconds": _whole_number(1),
    "retention": _pattern(r"full|hashes", "full or hashes"),
    "keep_days": _whole_number(0),
    "max_code_bytes": _whole_number(1),
    "log_format": _pattern(r"text|json", "text or json"),
    "stop_seconds": _whole_number(1),
    "max_batch_lines": _whole_number(1),
    "max_long_requests": _whole_number(1),
    "max_generation_seconds": _whole_number(1),
    "max_check_seconds": _whole_number(1),
    "public_url": _origin,
    "trusted_proxies": _whole_number(0),
    "rate_limit": _pattern(r"off|[1-9]\d*/(second|minute|hour|day)", "off, or a number such as 600/minute"),
    "rate_limit_storage": _pattern(r"memory://|rediss?://\S+", "memory:// or redis://HOST:PORT"),
    "oidc_issuer": _address,
    "oidc_client_id": _text,
    "oidc_client_secret": _text,
    "oidc_access": _access,
    "max_archive_bytes": _whole_number(1),
    "audit_queue": _whole_number(1),
    "policy": _policy,
    "audit_ignore": _globs,
    "audit_own": _purls,
    "audit_roots": _folders,
}

_OIDC = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_access")
