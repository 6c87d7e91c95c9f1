"""Who may do what, and the rule that says so. Raises NotAllowed; knows people and posts, no case and no page."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from engine import people
from engine.directory import GRASS_ROOTS, Unit
from engine.errors import NotAllowed, NotFound
from engine.people import Actor

SYSTEM = Actor("system", "系统")  # timers and receipts
PUBLIC = Actor("public", "居民群众")  # whoever objects to a public notice, without an account


def actor(db: Session, by: Actor | str, on: date) -> Actor:
    """An actor as he stands on the day: posts that he held when he signed in may have ended since.

    A text is the id of a post (its holder acts) or of a person (in the first of his posts).
    """
    if isinstance(by, Actor):
        return by if by is SYSTEM or by is PUBLIC else people.actor(db, by.person, by.post or None, on)
    holder = people.holder_of_post(db, by, on)
    if holder is not None:
        return people.actor(db, holder.person, holder.post, on)
    return people.actor(db, by, None, on)


def check_may_start(db: Session, by: Actor, roles: Iterable[str], unit: str) -> None:
    """R011: the Party organisation of the unit itself starts a case."""
    if unit not in people.scope(db, by):
        raise NotFound("没有找到这个社区(村)", help="请从您所在的社区(村)发起。")
    if not by.roles & set(roles) or by.unit_kind not in GRASS_ROOTS:
        raise NotAllowed(
            "您不能发起议题", rule="R011", help="议题由社区(村)党组织发起，请与社区(村)党组织联系。"
        )


def check_serves(db: Session, by: Actor, unit: str) -> None:
    """A procedure that names no role is started, and told messages, by whoever serves the unit."""
    if unit not in people.scope(db, by):
        raise NotFound("没有找到这个单位", help="请写自己所在的单位，或请本单位的人办理。")


def check_may_act(db: Session, by: Actor, candidates: Iterable[str], on: date) -> Actor:
    """The actor in the post in which he may act. A lane is a role; only who holds it on the day may act."""
    offered = tuple(candidates)
    if by.post and not {f"post:{by.post}", f"person:{by.person}"}.isdisjoint(offered):
        return by  # `actor` has looked today whether he holds the post
    post = people.may_act(db, by.person, offered, on, chosen=by.post)
    if post is None:
        who = "、".join(people.named(db, offered, on)) or "尚未确定的办理人"
        raise NotAllowed("这项任务不由您办理", rule="R011", help=f"本任务由{who}办理。")
    return by if post == by.post else people.actor(db, by.person, post or None, on)


def check_may_register(db: Session, by: Actor, unit: str) -> None:
    """R089: whoever serves the unit may enter what people have raised."""
    if unit not in people.scope(db, by):
        raise NotFound("没有找到这个社区(村)", help="只能登记本单位范围内的诉求。")


def check_may_operate(db: Session, by: Actor, unit: str) -> None:
    """R125: a receipt by hand is entered by the unit's Party organisation or by an operator."""
    if "operator" in by.roles:
        return
    if "community_party_org" not in by.roles or unit not in people.scope(db, by):
        raise NotAllowed("您不能登记回执", rule="R125", help="回执由项目所在社区(村)党组织或运维人员登记。")


def may_read_personal(db: Session, by: Actor, unit: str) -> bool:
    """Whoever serves the unit that collected the values (or hosts it), or audits."""
    row = db.get(Unit, unit)
    own = (unit, row.host_id if row else None)
    return "auditor" in by.roles or (by.unit_kind in GRASS_ROOTS and by.unit in own)


def check_may_read_personal(db: Session, by: Actor, unit: str) -> None:
    if not may_read_personal(db, by, unit):
        raise NotAllowed(
            "您不能查看这里的个人信息",
            help="个人信息只由收集它的社区(村)和审计人员查看；需要联系当事人时，请与社区(村)联系。",
        )


def check_may_send(db: Session, by: Actor, unit: str, roles: Iterable[str]) -> None:
    """A message from outside is brought in by those who own the case, or by an operator."""
    if by is SYSTEM or "operator" in by.roles:
        return
    if not by.roles & set(roles) or unit not in people.scope(db, by):
        raise NotAllowed("您不能给这一件发送消息", rule="R011", help="请由社区(村)党组织或运维人员办理。")


def check_may_publish(db: Session, by: Actor, unit: str, roles: Iterable[str], what: str) -> str:
    """Who addresses no case is named in process.toml, or runs the house. On behalf of which unit it is sent."""
    if unit and db.get(Unit, unit) is None:
        raise NotFound(f"没有找到单位“{unit}”", help="请从名录中选择。")
    if by is SYSTEM or "operator" in by.roles:
        return unit
    if not by.roles & set(roles):
        raise NotAllowed(
            f"您不能发送{what}",
            help="请由流程的 process.toml 在 [messages] 里写明的岗位（roles）或运维人员发送。",
        )
    unit = unit or by.unit
    if unit not in people.scope(db, by):
        raise NotFound("没有找到这个单位", help="只能以本单位范围内的单位名义发送。")
    return unit


def check_may_carry(by: Actor) -> None:
    """What is under way is delivered by the house itself, or by an operator who does not want to wait for it."""
    if by is not SYSTEM and "operator" not in by.roles:
        raise NotAllowed("您不能送达消息", help="消息由系统自动送达；急需时请运维人员办理。")


def check_may_pause(by: Actor) -> None:
    """What leaves the house is paused by the house itself after a restore, or by the operator who has made one."""
    if by is not SYSTEM and "operator" not in by.roles:
        raise NotAllowed("您不能暂停上传", help="从备份恢复以后由系统自动暂停；需要时请运维人员办理。")


def check_may_deploy(by: Actor) -> None:
    """Designers release; the operator deploys what a release brings; the founding is the system's."""
    if by is not SYSTEM and not by.roles & {"designer", "operator"}:
        raise NotAllowed("您不能发布流程", help="流程由流程设计人员发布。")


def check_may_steer(db: Session, by: Actor, unit: str) -> None:
    """Suspending and resuming are for the unit's secretary, its street, or an operator."""
    if "operator" in by.roles:
        return
    if not by.roles & {"community_secretary", "street_office"} or unit not in people.scope(db, by):
        raise NotAllowed(
            "您不能暂停或恢复这一件", rule="R011", help="请由社区(村)党组织书记、街道(镇)或运维人员办理。"
        )


def check_may_cancel(db: Session, by: Actor, unit: str, level: str, resolved: bool, on: date) -> None:
    """R124: before a resolution the secretary decides; after it, the level above the one that decided."""
    role = (
        people.one_level_up(_DECIDES.get(level, "community_secretary")) if resolved else "community_secretary"
    )
    if people.may_act(db, by.person, people.candidates(db, role, unit, on), on) is None:
        raise NotAllowed(
            "您不能撤销这一件",
            rule="R124",
            help=f"请由{people.ROLES[role]}决定；形成决议后只能销号或经上一级批准撤销。",
        )


_DECIDES = {
    "community": "community_secretary",
    "street": "street_liaison_leader",
    "district": "district_liaison_leader",
}


def check_may_approve(db: Session, by: Actor, role: str, unit: str, asked_by: str, on: date) -> None:
    """What one person asks for, another of the named role decides."""
    name = people.ROLES.get(role, role)
    if people.may_act(db, by.person, people.candidates(db, role, unit, on), on) is None:
        raise NotAllowed("您不能批准跳过这项任务", rule="R011", help=f"请由{name}批准。")
    if by.person == asked_by:
        raise NotAllowed("申请人不能批准自己的申请", rule="R011", help=f"请由另一位{name}批准。")


def check_may_move(by: Actor) -> None:
    """Another version of the procedure is for those who draw it or run the house."""
    if not by.roles & {"designer", "operator"}:
        raise NotAllowed("换版本由流程设计人员或运维人员办理", help="请换用相应岗位登录。")


def check_role(by: Actor, role: str) -> None:
    if role not in by.roles:
        raise NotAllowed(f"这项操作由{people.ROLES[role]}人员办理", help="请换用相应岗位登录。")


def check_same_unit(db: Session, by: Actor, person: str, on: date) -> None:
    """A task may be handed to somebody of one's own unit only."""
    other = people.actor(db, person, None, on)
    posts = people.posts_of(db, person, on)
    if all(people.actor(db, other.person, post, on).unit != by.unit for post in posts):
        raise NotAllowed("只能转交给本单位人员", rule="R011", help="请从本单位名单中选择。")
