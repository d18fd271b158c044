# SPDX-License-Identifier: MIT
"""--range: what comes is what was asked for, or nothing is taken."""
import pytest

from web import Site, Web, failed, file, get, head, saying

BODY = bytes(range(200))


@pytest.mark.parametrize("asked, got", [("0-9", BODY[:10]), ("190-", BODY[190:]), ("-5", BODY[-5:]), ("5-5", BODY[5:6])])
def test_a_range_is_fetched(world, asked, got):
    site = Site(world, {"/f": file(BODY)})
    result = get(world, "-r", asked, "-o", "f", site.url("/f"))
    assert (result.status, result.err) == (0, "") and (result.folder / "f").read_bytes() == got


@pytest.mark.parametrize("asked, said", [
    ("0-4", "bytes 1-5/10"), ("0-4", "bytes 0-5/10"), ("0-4", "bytes */10"), ("0-4", "nonsense"), ("0-4", None),
    ("5-", "bytes 4-8/9"), ("-5", "bytes 0-4/10"), ("-5", "bytes 4-8/10")])
def test_another_range_is_33_and_no_file(world, asked, said):
    fields = ["Content-Length: 5"] + ([f"Content-Range: {said}"] if said else [])
    web = Web(world, saying(head(206, *fields) + b"hello"))
    result = get(world, "-r", asked, "-o", "f", web.url("/f"))
    failed(result, 33, "asked for bytes " + asked)
    assert not (result.folder / "f").exists()


def test_a_shorter_end_is_the_files_end(world):
    web = Web(world, saying(head(206, "Content-Length: 5", "Content-Range: bytes 5-9/10") + b"hello"))
    result = get(world, "-r", "5-100", "-o", "f", web.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == b"hello"
