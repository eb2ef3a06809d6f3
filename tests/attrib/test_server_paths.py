"""Paths of the server that are audited from elsewhere: only below the roots, never by `..` or a link."""

import os
import time
from pathlib import Path

import pytest

from attrib.audits.server_paths import ServerPaths
from attrib.audits.store import Audit, AuditState
from attrib.bootstrap import build_service
from attrib.config import load_config
from attrib.errors import ConfigurationError, PathNotAllowed
from attrib.service import Service
from tests.attrib.audited import COPIED, OWN, add_reference, write
from tests.index.packing import zipped


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "trees", {"shop/found.py": COPIED, "shop/own.py": OWN})
    write(tmp_path / "elsewhere", {"secret.py": COPIED})
    write(tmp_path / "trees2", {"near.py": COPIED})
    return tmp_path / "trees"


def test_only_what_is_below_a_root_and_no_link_is_allowed(root: Path) -> None:
    outside = root.parent / "elsewhere"
    (root / "link").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    (root / "within").symlink_to(root / "shop")
    (root / "file.py").symlink_to(outside / "secret.py")
    os.mkfifo(root / "pipe")
    paths = ServerPaths([root])
    assert paths.allowed(str(root)) == root
    assert paths.allowed(f"{root}/shop/") == root / "shop"
    assert paths.allowed(f"{root}/shop/./found.py") == root / "shop/found.py"
    for path, why in (
        (str(outside), "below none"),
        (str(root.parent), "below none"),
        (f"{root}2/near.py", "below none"),
        (f"/{root}", "below none"),
        ("/", "below none"),
        (f"{outside}/not-there", "below none"),
        (f"{root}/../elsewhere", "no whole path"),
        (f"{root}/shop/../shop", "no whole path"),
        ("trees/shop", "no whole path"),
        ("", "no whole path"),
        (f"{root}/shop\0", "no whole path"),
        (f"{root}/link", "is a link"),
        (f"{root}/link/secret.py", "is a link"),
        (f"{root}/within/found.py", "is a link"),
        (f"{root}/file.py", "is a link"),
        (f"{root}/loop", "is not there"),
        (f"{root}/nothing", "is not there"),
        (f"{root}/pipe", "neither a folder nor a file"),
    ):
        with pytest.raises(PathNotAllowed, match=why):
            paths.allowed(path)
    with pytest.raises(PathNotAllowed, match="audit_roots"):
        ServerPaths([]).allowed(str(root))


def test_a_root_may_itself_be_a_link(root: Path) -> None:
    (root.parent / "served").symlink_to(root)
    assert ServerPaths([root.parent / "served"]).allowed(f"{root.parent}/served/shop") == root / "shop"


def test_roots_are_read_from_settings_and_none_is_the_default(tmp_path: Path) -> None:
    assert load_config({}, {}, tmp_path).audit_roots == ()
    (tmp_path / "attrib.toml").write_text('[audit]\nroots = ["trees", "/srv/code/../other"]\n')
    assert load_config({}, {}, tmp_path).audit_roots == (tmp_path / "trees", Path("/srv/other"))
    assert load_config({}, {"ATTRIB_AUDIT_ROOTS": "/a:/b"}, tmp_path).audit_roots == (Path("/a"), Path("/b"))
    (tmp_path / "attrib.toml").write_text("[audit]\nroots = 3\n")
    with pytest.raises(ConfigurationError, match="audit_roots must be a list of folders"):
        load_config({}, {}, tmp_path)


@pytest.fixture
def service(tmp_path: Path, root: Path):
    config = load_config({"home": tmp_path / "home", "audit_roots": [str(root)]}, {}, tmp_path)
    with build_service(config) as service:
        add_reference(service, tmp_path / "newest")
        yield service


def ended(service: Service, audit: Audit) -> Audit:
    until = time.monotonic() + 30
    while not (now := service.uploads.store.get(audit.id)).state.is_final:
        assert time.monotonic() < until, now
        time.sleep(0.02)
    return now


def test_a_folder_is_audited_as_on_the_command_line_with_its_decisions_file(service: Service, root: Path) -> None:
    first = ended(service, service.audit_path(f"{root}/shop"))
    assert (first.state, first.verdict, first.name) == (AuditState.DONE, "attribute", f"{root}/shop")
    name = service.record(first.id).answer["findings"][0]["fingerprint"]
    (root / "shop/attrib-decisions.toml").write_text(
        f'project = "shop"\n[[decision]]\nfingerprint = "{name}"\ndecision = "accepted"\nby = "Cy"\nreason = "ours"\n'
        f"at = 2026-11-01T10:00:00Z\n"
    )
    second = ended(service, service.audit_path(f"{root}/shop"))
    assert (second.verdict, service.record(second.id).request["project"]) == ("allow", "shop")
    named = ended(service, service.audit_path(f"{root}/shop", project="other"))
    assert service.record(named.id).request["project"] == "other"
    (root / "shop.zip").write_bytes(zipped({"shop/a.py": COPIED}))
    assert ended(service, service.audit_path(f"{root}/shop.zip")).verdict == "attribute"


def test_a_decisions_file_that_is_a_link_is_not_read(service: Service, root: Path) -> None:
    secret = root.parent / "elsewhere/secret.toml"
    secret.write_text("password = 1\n")
    (root / "shop/attrib-decisions.toml").symlink_to(secret)
    audit = ended(service, service.audit_path(f"{root}/shop"))
    assert (audit.state, audit.reason) == (AuditState.DONE, None)


def test_a_folder_that_became_a_link_while_it_waited_is_not_read(service: Service, root: Path) -> None:
    # Straight into the queue, as it would lie there after a restart.
    waiting = "01900000-0000-7000-8000-000000000001"
    service.uploads.store.add(waiting, f"{root}/shop", 0, (), path=f"{root}/shop")
    (root / "shop").rename(root.parent / "moved")
    (root / "shop").symlink_to(root.parent / "elsewhere")
    service.uploads.start()
    audit = ended(service, service.uploads.store.get(waiting))
    assert (audit.state, audit.reason) == (AuditState.FAILED, f"{root}/shop is a link, or leads through one: "
                                           "give the path that it leads to.")  # fmt: skip
