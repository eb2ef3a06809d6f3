"""A server that follows a published index: it serves what is new without a restart and without a request lost."""

import threading
import time
from pathlib import Path

from served import Served

from attrib.bootstrap import build_service
from attrib.config import load_config
from tests.index.upkeep import code, purl


def test_a_new_revision_is_served_without_a_request_lost(home: Path, tmp_path: Path) -> None:
    place, mine = str(tmp_path / "published"), tmp_path / "mine"
    settings = {"ATTRIB_FOLLOW_SECONDS": "1", "ATTRIB_RATE_LIMIT": "off"}
    coming = code(7)
    with build_service(load_config({"home": home}, {}, tmp_path)) as service:
        published = service.publish(place)
        with Served(mine, ["--workers", "2", "--follow", place], settings) as served:
            statuses: list[int] = []
            found: list[bool] = []
            done = threading.Event()

            def ask() -> None:
                while not done.is_set():
                    answer = served.send("/api/v1/check", {"code": coming, "language": "python"})
                    statuses.append(answer.status)
                    found.append(answer.json["status"] == "matched")

            asking = [threading.Thread(target=ask) for _ in range(3)]
            for thread in asking:
                thread.start()
            source = tmp_path / "source"
            source.mkdir()
            (source / "a.py").write_text(coming)
            service.add([str(source)], purl=purl("coming"), license="MIT")
            newer = service.publish(place)
            until = time.monotonic() + 60
            while not all(found[-20:]) and time.monotonic() < until:
                time.sleep(0.1)
            done.set()
            for thread in asking:
                thread.join()
            answer = served.send("/api/v1/check", {"code": coming, "language": "python"}).json
        assert set(statuses) == {200}
        assert (found[0], found[-1]) == (False, True)
        assert answer["index"]["revision"] == str(newer.revision) != str(published.revision)
        assert answer["matches"][0]["origins"][0]["purl"] == purl("coming")


def test_what_is_there_is_served_while_nothing_can_be_followed(home: Path, tmp_path: Path) -> None:
    place, mine = tmp_path / "published", tmp_path / "mine"
    with build_service(load_config({"home": home}, {}, tmp_path)) as service:
        service.publish(str(place))
    with Served(mine, ["--follow", str(place)], {}) as served:
        first = served.ask("GET", "/readyz")
    place.rename(tmp_path / "gone")
    with Served(mine, ["--follow", str(place)], {}) as served:
        assert served.ask("GET", "/readyz").status == first.status == 200
