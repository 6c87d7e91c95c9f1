"""When to try again what has failed: ever more slowly, up to a day. Knows nothing of what failed."""

from datetime import timedelta


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1 minute after the first, then twice as long each time."""
    return min(timedelta(days=1), timedelta(seconds=30 << min(attempts, 12)))
