"""The agreement with a platform, on a stand-in: key and payload as they arrive, what counts as a receipt."""

import socket

import pytest

from engine.connectors.platform import UploadFailed, upload
from engine.connectors.stand_in import StandIn


@pytest.fixture
def stand_in():
    stand_in = StandIn().start()
    yield stand_in
    stand_in.stop()


def test_an_upload_gets_a_receipt(stand_in):
    receipt = upload(stand_in.address("party_cloud"), "case-9-party_cloud", {"title": "楼道照明"})

    assert receipt == stand_in.receipts["case-9-party_cloud"]
    assert stand_in.received["case-9-party_cloud"] == {"title": "楼道照明"}


def test_the_same_key_twice_is_one_object_and_one_receipt(stand_in):
    address = stand_in.address("service_365")

    assert upload(address, "k", {"a": 1}) == upload(address, "k", {"a": 1})
    assert len(stand_in.received) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_any_other_status_is_a_failure_and_no_redirect_is_followed(stand_in, status):
    stand_in.script = [status]

    with pytest.raises(UploadFailed, match=str(status)):
        upload(stand_in.address("party_cloud"), "k", {})

    assert stand_in.received == {}


def test_nobody_at_the_address_is_a_failure():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(UploadFailed):
        upload(f"http://127.0.0.1:{port}/party_cloud", "k", {})


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/", "http://[::1/", "", "http:///x"])
def test_an_address_that_is_none_is_a_failure_not_a_crash(address):
    with pytest.raises(UploadFailed):
        upload(address, "k", {})
