"""One page of a list: which part is shown and how to reach the others. Knows no list."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

SIZE = 20
AROUND = 2


@dataclass(frozen=True)
class Paging:
    """`page` counts from 1."""

    page: int
    total: int
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    def near(self) -> list[int | None]:
        """Page numbers to offer; None stands for a gap."""
        wanted = {1, self.pages, *range(self.page - AROUND, self.page + AROUND + 1)}
        shown: list[int | None] = []
        for number in sorted(number for number in wanted if 1 <= number <= self.pages):
            if shown and shown[-1] is not None and number > shown[-1] + 1:
                shown.append(None)
            shown.append(number)
        return shown

    def address(self, page: int) -> str:
        """This page's address with everything kept but the page number."""
        return here(page=page)


def asked_page() -> int:
    """The page number that the address asks for; anything else is the first."""
    return max(1, min(request.args.get("page", 1, int), 100_000))


def here(**changed: Any) -> str:
    """The address of this page with some of its questions changed; an empty value drops one."""
    kept: dict[str, Any] = {**request.args.to_dict(), **changed}
    asked = {key: value for key, value in kept.items() if value not in ("", None)}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **asked})
