"""SIGKILL at every write: afterwards everything is as before or as after, and doing it again makes it as after."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from attrib.audits.decision_file import read_decisions, write_decisions
from attrib.audits.findings import Decision, Settled
from attrib.config import load_config
from attrib.database import open_database
from attrib.errors import AttribError
from attrib.records import RecordKind, RecordStore
from benchmarks.fault_index import add, answers, opened, purl, template, whole
from benchmarks.fault_points import Act, killed, moments
from benchmarks.fault_rows import FaultRow

Acknowledge = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that writes, in a data folder: how it is made ready, what is done, and what can be seen of it.

    `kept` tells of something acknowledged whether it is there; `mend` is done once after everything was done again.
    """

    name: str
    ready: Callable[[Path], None]
    act: Callable[[Path, Acknowledge], None]
    seen: Callable[[Path], object]
    sound: Callable[[Path], bool] = lambda home: True
    kept: Callable[[Path, str], bool] = lambda home, said: True


def killing(scene: Scene, folder: Path) -> FaultRow:
    """Kill it at every moment there is."""
    start = template(folder, scene.ready)
    before = scene.seen(start.copy("before"))
    undisturbed = start.copy("after")
    count = moments(_acting(scene, undisturbed))
    after = scene.seen(undisturbed)
    lost = wrong = unhealed = 0
    longest = 0.0
    for moment in range(count):
        home = start.copy("try")
        acknowledged = killed(_acting(scene, home), moment)
        seen = scene.seen(home)
        wrong += seen not in (before, after) and not acknowledged
        lost += sum(not scene.kept(home, said) for said in acknowledged)
        begun = time.perf_counter()
        scene.act(home, lambda said: None)
        longest = max(longest, time.perf_counter() - begun)
        healed = (scene.seen(home) == after or bool(acknowledged)) and scene.sound(home)
        unhealed += not healed
    return FaultRow(f"killed at every write: {scene.name}", count, lost, wrong, unhealed, longest)


def _acting(scene: Scene, home: Path) -> Act:
    return lambda acknowledge: scene.act(home, acknowledge)


def _three(home: Path) -> None:
    add(home, 0, 1, 2)


def _without_one(home: Path) -> None:
    add(home, 0, 1, 2)
    _remove(home, lambda said: None)


def _remove(home: Path, acknowledge: Acknowledge) -> None:
    with opened(home) as index:
        if purl(1) in {source.purl for source in index.catalog.sources(None, None, 10)}:
            index.catalog.remove(purl(1))


def _merge(home: Path, acknowledge: Acknowledge) -> None:
    with opened(home) as index:
        index.merge()


def _damaged(home: Path) -> None:
    add(home, 0, 1, 2)
    path = min((home / "index").glob("*.segment"))
    data = path.read_bytes()
    path.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])


def _mend(home: Path, acknowledge: Acknowledge) -> None:
    with opened(home) as index:
        index.verify(mend=True)
    add(home, 0, 1, 2)


def _published(home: Path) -> None:
    add(home, 0, 1)
    _publish(home, lambda said: None)
    add(home, 2)


def _publish(home: Path, acknowledge: Acknowledge) -> None:
    with opened(home) as index:
        index.publish(str(home.parent / "published"))


def _followed(home: Path) -> list[str]:
    """Return the answers of somebody who takes over what is published."""
    follower = home.parent / "follower"
    _pull(follower, lambda said: None)
    return answers(follower, range(3))


def _following(home: Path) -> None:
    own = home.parent / "own"
    add(own, 0, 1)
    _publish(own, lambda said: None)
    _pull(home, lambda said: None)
    add(own, 2)
    _remove(own, lambda said: None)
    _merge(own, lambda said: None)
    _publish(own, lambda said: None)


def _pull(home: Path, acknowledge: Acknowledge) -> None:
    with opened(home) as index:
        index.pull(str(home.parent / "published"))


def _records(home: Path) -> RecordStore:
    return RecordStore(open_database(load_config({"home": home}, {}, home.parent).database_url))


def _no_record(home: Path) -> None:
    _records(home).engine.dispose()


def _save(home: Path, acknowledge: Acknowledge) -> None:
    store = _records(home)
    for number in range(4):
        record = store.save(
            RecordKind.CHECK, status="clean", verdict="allow", index_revision="1",
            request={"path": f"{number}.py"}, answer={"matches": []}, code=b"x = 1\n",
        )  # fmt: skip
        acknowledge(record.id)
    store.engine.dispose()


def _is_stored(home: Path, record_id: str) -> bool:
    store = _records(home)
    try:
        return store.get(record_id).code == b"x = 1\n"
    except AttribError:
        return False
    finally:
        store.engine.dispose()


def _whole_records(home: Path) -> bool:
    """Tell whether every record that is there is there whole; which there are differs."""
    store = _records(home)
    found = store.list(limit=100).records
    good = all(json.dumps(dict(store.get(one.id).answer)) == '{"matches": []}' for one in found)
    store.engine.dispose()
    return good


def _decided(home: Path) -> None:
    home.mkdir()
    write_decisions(home / "attrib-decisions.toml", read_decisions(home / "none"), [_decision(1)])


def _decide(home: Path, acknowledge: Acknowledge) -> None:
    path = home / "attrib-decisions.toml"
    write_decisions(path, read_decisions(path), [_decision(1), _decision(2)])


def _decision(number: int) -> Decision:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return Decision(f"{number:032x}", Settled.WAIVED, "Ann", "it is ours", moment, date(2027, 3, 31))


def _decisions(home: Path) -> object:
    return read_decisions(home / "attrib-decisions.toml").decisions


def _told(home: Path) -> object:
    return answers(home, range(3))


SCENES = (
    Scene("a source is added", lambda home: add(home, 0, 1), lambda home, _: add(home, 2), _told, whole),
    Scene("a source is removed", _three, _remove, _told, whole),
    Scene("segments are merged", _without_one, _merge, _told, whole),
    Scene("a damaged index is mended", _damaged, _mend, _told, whole),
    Scene("an index is published", _published, _publish, _followed, whole),
    Scene("a published index is taken over", _following, _pull, _told, whole),
    Scene("records are stored", _no_record, _save, _whole_records, _whole_records, _is_stored),
    Scene("decisions are written", _decided, _decide, _decisions),
)
