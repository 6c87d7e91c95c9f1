"""Uploads a project to one platform by HTTP and brings back its receipt (R125, R126). Knows no case.

The agreement with a platform is small: POST JSON with an `Idempotency-Key`, 200 or 201 with `{"receipt": "…"}`.
The same key sent twice names the same upload, so a lost answer may be asked for again.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

CONNECT_AND_READ = 10  # seconds
LARGEST_ANSWER = 1_000_000  # bytes


class UploadFailed(Exception):
    """The platform did not give a receipt; the outbox tries again later."""


def upload(address: str, key: str, payload: Mapping[str, Any]) -> str:
    """The receipt number. Never follows a redirect; raises UploadFailed."""
    try:
        target = urlsplit(address)
        connection_class = HTTPSConnection if target.scheme == "https" else HTTPConnection
        connection = connection_class(target.hostname or "", target.port, timeout=CONNECT_AND_READ)
    except ValueError as cause:
        raise UploadFailed(f"平台地址“{address}”写错了") from cause
    try:
        connection.request(
            "POST",
            target.path or "/",
            json.dumps(payload, ensure_ascii=False).encode(),
            {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key},
        )
        answer = connection.getresponse()
        return _receipt(answer.status, answer.read(LARGEST_ANSWER))
    except (OSError, HTTPException) as cause:
        raise UploadFailed(f"连接不上平台：{cause}") from cause
    finally:
        connection.close()


def _receipt(status: int, content: bytes) -> str:
    if status not in (200, 201):
        raise UploadFailed(f"平台答复的状态是{status}")
    try:
        receipt = json.loads(content)["receipt"]
    except (ValueError, KeyError, TypeError) as cause:
        raise UploadFailed("平台的答复里没有回执号") from cause
    if not isinstance(receipt, str) or not 0 < len(receipt.strip()) <= 100:
        raise UploadFailed("平台的回执号不合规定")
    return receipt.strip()
