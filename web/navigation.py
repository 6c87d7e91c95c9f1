"""The menu: which rooms a role sees. Knows endpoints and roles; a room that is not furnished yet does not show."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from engine.people import Actor
from web.current import actor_or_nobody

STAFF = frozenset(
    (
        "community_party_org",
        "community_secretary",
        "council",
        "street_office",
        "street_liaison_leader",
        "district_liaison_leader",
        "org_department",
        "civil_affairs",
        "supervision",
        "department",
    )
)
REGISTRARS = frozenset(("community_party_org", "community_secretary", "council", "street_office"))
PARTS = {
    "case": "cases",
    "steering": "cases",
    "personal": "cases",
    "corrections": "operator",
    "designer_forms": "designer",
    "moving": "designer",
}  # a room that hangs below another one's entry
WATCHERS = frozenset(("auditor", "operator", "designer"))


@dataclass(frozen=True)
class Entry:
    """One menu entry; `roles` empty means everybody who is signed in, `public` also those who are not."""

    endpoint: str
    title: str
    roles: frozenset[str] = frozenset()
    public: bool = False


@dataclass(frozen=True)
class Shown:
    address: str
    title: str
    here: bool


ENTRIES = (
    Entry("inbox.index", "待办", STAFF),
    Entry("submissions.index", "诉求登记", REGISTRARS),
    Entry("cases.index", "议题", STAFF | WATCHERS),
    Entry("ledger.index", "台账", STAFF | WATCHERS),
    Entry("district.index", "全区情况", STAFF | WATCHERS),
    Entry("board.index", "公示栏", public=True),
    Entry("designer.index", "流程设计", frozenset(("designer",))),
    Entry("history.index", "历史核验", frozenset(("auditor",))),
    Entry("uploads.index", "上传与回执", frozenset(("community_party_org", "operator"))),
    Entry("operator.index", "运行维护", frozenset(("operator",))),
)


def install(app: Flask) -> None:
    app.context_processor(lambda: {"menu": menu(actor_or_nobody())})


def menu(actor: Actor | None) -> tuple[Shown, ...]:
    """What the actor may open, in the order of the house."""
    return tuple(
        Shown(url_for(entry.endpoint), entry.title, _is_here(entry))
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and _may_open(entry, actor)
    )


def home(actor: Actor) -> str:
    """The first page after signing in: the room of the actor's own office, else the first that is open to him."""
    own = next((entry for entry in ENTRIES if entry.roles and entry.roles <= actor.roles & WATCHERS), None)
    if own is not None and own.endpoint in current_app.view_functions:
        return url_for(own.endpoint)
    entries = menu(actor)
    return entries[0].address if entries else url_for("entry.account")


def _may_open(entry: Entry, actor: Actor | None) -> bool:
    if actor is None or not entry.roles:
        return entry.public or actor is not None
    return bool(entry.roles & actor.roles)


def _is_here(entry: Entry) -> bool:
    return PARTS.get(request.blueprint or "", request.blueprint) == entry.endpoint.partition(".")[0]
