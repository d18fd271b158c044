# SPDX-License-Identifier: MIT
"""Fixtures of tests/program and tests/interop; what they are made of is in harness.py beside this file."""
import os
import shutil
import signal

import pytest

from harness import Certificates, World

# What a shell runs in the background inherits an ignored SIGINT, and so would what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """What waits long (mark waits, seconds) begins first, on different workers: each begins with such a share."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = max(len(items) // (4 * workers), 1)
    waiting = [item for item in items if item.get_closest_marker("waits")]
    waiting.sort(key=lambda item: -item.get_closest_marker("waits").args[0])
    items[:] = [item for item in items if not item.get_closest_marker("waits")]
    for place, item in enumerate(waiting):
        items.insert(place * share, item)


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call":
        item.failed_in_call = report.failed


@pytest.fixture
def world(request, tmp_path):
    """Starts programs and peers for one test; ends them and shows their messages when the test failed."""
    world = World(tmp_path)
    yield world
    world.close(getattr(request.node, "failed_in_call", True))
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))
