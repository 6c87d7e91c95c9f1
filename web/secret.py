"""The key that signs form tokens and notes between pages: made once, kept in the data folder, never logged."""

import os
import secrets
from pathlib import Path

NAME = "web.key"


def key(folder: Path) -> bytes:
    """The key of this deployment; several web processes on one folder agree on it."""
    path = folder / NAME
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
