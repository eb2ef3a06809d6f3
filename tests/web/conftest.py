"""The application over recorded answers, in a strict template environment; and a real server over a real index."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from guarded import Guarded, guarded_app
from jinja2 import StrictUndefined
from recorded import REFERENCE, RecordedService
from werkzeug.serving import make_server

from attrib.bootstrap import build_service
from attrib.config import Config, load_config
from attrib.service import Service
from web.app import create_app

LOOPBACK = ("localhost", "127.0.0.1")
LICENSE = """MIT License

Copyright (c) 2014 The Upward Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.
"""


@pytest.fixture
def recorded() -> RecordedService:
    """A service that gives the answers a test puts into it."""
    return RecordedService()


@pytest.fixture
def app(recorded: RecordedService, config: Config) -> Flask:
    """The application; a template that names something that is not there fails."""
    app = create_app(recorded, config)  # type: ignore[arg-type]
    app.jinja_env.undefined = StrictUndefined
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies or scripts."""
    return app.test_client()


@pytest.fixture
def guarded(recorded: RecordedService, config: Config) -> Iterator[Guarded]:
    """The application asking for keys, as soon as there is one."""
    made = guarded_app(recorded, config)
    with made.access:
        yield made


@pytest.fixture(scope="session")
def real_config(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Config:
    """Settings of a home that holds a small real index."""
    folder = tmp_path_factory.mktemp("real")
    return load_config({"home": folder / "home", "database_url": new_database()}, {}, folder)


@pytest.fixture(scope="session")
def service(real_config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real service over a real index of one source: one file, and the licence it ships."""
    source = tmp_path_factory.mktemp("source")
    (source / "upward").mkdir()
    (source / "upward" / "walk.py").write_bytes(REFERENCE)
    (source / "LICENSE").write_text(LICENSE, encoding="utf-8")
    with build_service(real_config) as service:
        service.add([str(source)], purl="pkg:pypi/upward@2.1.0", license="MIT")
        yield service


@pytest.fixture(scope="session")
def address(service: Service, real_config: Config) -> Iterator[str]:
    """The address of a real server on loopback, which answers to loopback names only."""
    server = make_server("127.0.0.1", 0, create_app(service, real_config, trusted_hosts=LOOPBACK), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
