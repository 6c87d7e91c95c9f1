"""Slow clients: who reads or writes a byte now and then keeps nobody from working (fault 19 of the list of faults).

The list measures p95 of the completions; a shared machine has no stopwatch, so here it counts that all of them are
answered while every slow client still hangs.
"""

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from engine import attachments
from tests.browser.district import District, served
from tests.web.visitor import Visitor

SLOW = 50
LARGE = 6 * 1024 * 1024  # more than the system keeps for a connection
PATIENCE = 300
TOPIC = {
    "title": "楼道照明",
    "original_wording": "楼道的灯坏了很久没有人修",
    "compound": "桃苑小区",
    "category": "environment",
    "category_reason": "不属于前五类事项",
    "nature": "self_governance",
    "proposer_name": "李秋莲",
    "proposer_phone": "13000000001",
    "presenter": "吴小燕",
}


@dataclass
class Asked:
    url: str


@dataclass
class Answer:
    request: Asked
    status_code: int
    headers: HTTPMessage
    content: bytes

    @property
    def mimetype(self) -> str:
        return self.headers.get_content_type()

    def get_data(self, *, as_text: bool) -> str:
        return self.content.decode()


class Wire:
    """What `Visitor` asks of a client, over a real connection."""

    def __init__(self, home: str) -> None:
        self.home, self.cookies = home, CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, address: str, **_: Any) -> Answer:
        return self._ask(Request(self.home + address))

    def post(self, address: str, data: dict[str, Any], **_: Any) -> Answer:
        return self._ask(Request(self.home + address, data=urlencode(data, doseq=True).encode()))

    def _ask(self, request: Request) -> Answer:
        try:
            got = self._opener.open(request, timeout=PATIENCE)
        except HTTPError as refused:
            got = refused
        with got:
            return Answer(Asked(got.geturl()), got.status, got.headers, got.read())


@pytest.fixture
def district(furnished: Path, tmp_path: Path) -> Iterator[District]:
    file = shutil.copyfile(furnished, tmp_path / "roundtable.db")
    with served(f"sqlite:///{file}", tmp_path) as district:
        yield district


@pytest.fixture
def secretary(district: District) -> Visitor:
    visitor = Visitor(Wire(district.address))
    visitor.step_into("u001.secretary")
    return visitor


def connection(district: District) -> socket.socket:
    """One that takes little at a time."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(PATIENCE)
    host, _, port = urlsplit(district.address).netloc.partition(":")
    slow.connect((host, int(port)))
    return slow


def head(district: District, first: str, *lines: str) -> bytes:
    host = urlsplit(district.address).netloc
    return "\r\n".join((f"{first} HTTP/1.1", f"Host: {host}", *lines, "", "")).encode()


def reader(district: District, address: str, cookies: str) -> socket.socket:
    """Has asked for something large and read the first byte of it."""
    slow = connection(district)
    slow.sendall(head(district, f"GET {address}", f"Cookie: {cookies}"))
    assert slow.recv(1) == b"H"
    return slow


def writer(district: District) -> socket.socket:
    """Is still sending what it wants to say."""
    slow = connection(district)
    slow.sendall(head(district, "POST /sign-in", "Content-Length: 9000") + b"name=")
    return slow


def all_of(slow: socket.socket) -> int:
    length = 1
    while length < LARGE and (piece := slow.recv(1 << 16)):
        length += len(piece)
    return length


def test_fifty_slow_clients_keep_nobody_from_completing_tasks(district: District, secretary: Visitor) -> None:
    kept = district.engine.small(
        attachments.store, "u001", "大.txt", b"a" * LARGE, by="u001.secretary", at=district.engine.now()
    )
    cookies = "; ".join(f"{one.name}={one.value}" for one in secretary.client.cookies)
    cases = [district.begin_case() for _ in range(10)]

    with ExitStack() as stack:
        readers = [
            stack.enter_context(reader(district, f"/attachments/{kept.id}", cookies))
            for _ in range(SLOW // 2)
        ]
        writers = [stack.enter_context(writer(district)) for _ in range(SLOW // 2)]
        for case in cases:
            (turn,) = district.turns(case)
            secretary.get(f"/inbox/{turn.work_item}")
            assert "已办理" in secretary.press(f"/inbox/{turn.work_item}", **TOPIC).flash()

        assert [district.events(case)[-1] for case in cases] == ["task_submitted"] * len(cases)
        for slow in writers:  # and nobody was thrown out for being slow
            slow.sendall(b"x" * 8995)
            assert slow.recv(1) == b"H"
        assert [all_of(slow) >= LARGE for slow in readers] == [True] * len(readers)
