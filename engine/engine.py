"""The only door: one command = one transaction = one commit; the clock is read once per command.

engine = Engine.open("sqlite:///roundtable.db")
outcome = engine.handle(SubmitTask(item, answers, key="…"), by="u001.secretary")
page = engine.read(inbox.mine, actor)
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from engine import (
    admittance,
    answered,
    entitlement,
    founding,
    migrate,
    start_timers,
    timers,
)
from engine.clock import Clock, MovableClock, SystemClock, local_date, shift_to
from engine.commands import Command, Deploy, MoveClock, Outcome, ReleaseDesign
from engine.database import Contended, open_database, reading, writing
from engine.entitlement import SYSTEM
from engine.errors import Conflict, Failed, NotAllowed, Refused, Unavailable
from engine.handlers import HANDLERS, releases
from engine.people import Actor
from engine.settings import Settings
from engine.waking import rounds
from engine.work import Reader, Work

ATTEMPTS = 3
UNFORESEEN = Refused("自动办理时出现了没有预料到的错误", help="请运维人员查看日志后处理。")
log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


class Engine:
    """Runs commands, answers readings, fires what is due. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings

    @classmethod
    def open(cls, url: str, clock: Clock | None = None, settings: Settings | None = None) -> "Engine":
        """Open a database whose schema is up to date (`roundtable db upgrade`, or `found` for an empty one).

        `url` as SQLAlchemy writes it: `sqlite:///file.db`, `postgresql+psycopg://user@host/db`. `clock` has `now()`,
        an aware UTC time: by default the system's; `engine.clock.SetClock(at)` stands still until its `at` is set.
        """
        settings = settings or Settings()
        database = open_database(url)
        if clock is None:
            clock = MovableClock(database) if settings.demo else SystemClock()
        return cls(database, clock, settings)

    def found(self, *people: str) -> bool:
        """Make an empty database ready for processes of one's own: tables, calendar, and these people.

        Each (an id of letters, digits and `_ . -`) may deploy, start and do everything in the one unit that there
        is. False when that was done before; a database with another directory keeps it: Conflict is raised.
        """
        migrate.upgrade(self.database)
        return self.small(founding.add_owners, people, self.now())

    @property
    def clock_movable(self) -> bool:
        """Whether this is a demonstration, whose clock can be moved."""
        return isinstance(self.clock, MovableClock)

    def now(self) -> datetime:
        """UTC."""
        return self.clock.now()

    def handle(self, command: Command, *, by: Actor | str) -> Outcome:
        """Do what the command says, wholly or not at all.

        `by` is an actor, or the id of a post or person. Raises what `engine.errors` draws; after `Unavailable`
        nothing was done and the same command may be sent again.
        """
        admittance.check_command(command)
        if isinstance(by, str):
            admittance.check_author(by)
        if isinstance(command, MoveClock):
            return self._move_clock(command)
        if isinstance(command, Deploy | ReleaseDesign):
            self._judge(command, by)
        failed = None
        for _ in range(ATTEMPTS):
            try:
                return self._once(command, by, failed)
            except (Contended, Failed, Refused) as obstacle:
                before = self._answered_before(command)
                if before is not None:
                    return before
                if isinstance(obstacle, Refused):
                    raise
                failed = obstacle if isinstance(obstacle, Failed) else failed
                log.info("%s is tried again: %s", type(command).__name__, obstacle)
        raise Unavailable("too many people at once")

    def _once(self, command: Command, by: Actor | str, failed: Failed | None) -> Outcome:
        now = self.clock.now()
        with writing(self.database) as db:
            actor = entitlement.actor(db, by, local_date(now))
            work = Work(db, now, actor, self.settings, command.key, failed)
            outcome = HANDLERS[type(command)](work, command)
            answered.remember(db, command.key, type(command).__name__, outcome, now)
        return outcome

    def _judge(self, command: Deploy | ReleaseDesign, by: Actor | str) -> None:
        """The gate takes seconds, and no transaction waits for it: the handler then finds its answer ready."""
        now = self.clock.now()
        with reading(self.database) as db:
            work = Work(db, now, entitlement.actor(db, by, local_date(now)), self.settings)
            bundle = releases.proposed(work, command)
        releases.judge(bundle)

    def _answered_before(self, command: Command) -> Outcome | None:
        """The answer that the same key was given, by whichever process.

        Looked for only when something stands in the way, as it does whenever a command is sent twice: what it is
        to do is done already, and no key can be kept twice.
        """
        if not command.key:
            return None
        with reading(self.database) as db:
            return answered.recall(db, command.key, type(command).__name__)

    def read(self, reading_: Callable[Concatenate[Reader, P], R], *args: P.args, **named: P.kwargs) -> R:
        """Answer one reading from a consistent snapshot."""
        admittance.check_question((*args, *named.values()))
        now = self.clock.now()
        with reading(self.database) as db:
            return reading_(Reader(db, now, self.settings), *args, **named)

    def small(self, change: Callable[Concatenate[Session, P], R], *args: P.args, **named: P.kwargs) -> R:
        """A small transaction of its own for what is no case command: sessions, drafts, attachments, leases.

        Who meets another on the same rows tries again, as `handle` does.
        """
        for _ in range(ATTEMPTS):
            try:
                with writing(self.database) as db:
                    return change(db, *args, **named)
            except Contended as met:
                log.info("%s is tried again: %s", change, met)
        raise Unavailable("too many people at once")

    def tick(self, limit: int = 100) -> int:
        """Catch up, fire what is due, in due order, each timer as one command; then deliver. How many did something.

        What cannot be fired or caught up with opens an incident on its case and never holds up the others.
        """
        rounds.count_again(self)
        each = (rounds.catch_up, rounds.fire_due, rounds.begin_due, rounds.deliver)
        return sum(one(self, limit) for one in each)

    def attempt(self, command: Command, failed: Callable[[Refused], bool]) -> bool:
        """Do what nobody waits for; did it change a case? `failed` is told why not, and whether that changed one.

        A mistake of ours is told like a refusal: it must not hold up the others.
        """
        try:
            return self.handle(command, by=SYSTEM).seq > 0
        except Refused as refusal:
            level = logging.INFO if isinstance(refusal, Conflict) else logging.WARNING
            log.log(level, "%s was refused: %s", command, refusal)
            return failed(refusal)
        except Unavailable:
            raise
        except Exception:
            log.exception("%s failed", command)
            return failed(UNFORESEEN)

    def _move_clock(self, command: MoveClock) -> Outcome:
        """Demonstration only: walk to `to`, stopping at everything that falls due on the way."""
        if not isinstance(self.clock, MovableClock):
            raise NotAllowed("正式部署的时钟不能调整", help="只有演示区可以调整时钟。")
        if command.to < self.clock.now():
            raise Conflict("时钟只能往后调", help="请选择晚于现在的时间。")
        while self.tick():  # who is behind has timers that count only once it has caught up
            pass
        while (due := self.next_due()) is not None and due <= command.to:
            self.small(shift_to, max(due, self.clock.now()) + timedelta(milliseconds=1))
            if not self.tick():
                break
        self.small(shift_to, command.to)
        while self.tick():
            pass
        return Outcome("", 0)

    def next_due(self) -> datetime | None:
        """When the next timer will fire, if one waits."""
        with reading(self.database) as db:
            due = [timers.next_due(db), start_timers.next_due(db)]
        return min((at for at in due if at), default=None)
