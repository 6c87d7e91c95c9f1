"""Somebody who works through a case in a browser, stepping from role to role. Types and clicks; commands nothing.

Knows the pages by their words and the procedure by its tasks; what to write comes from samples.toml.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response, expect

from engine import calendar, forms, samples
from engine.bpmn.step import Bundle
from engine.forms import Form
from engine.work import Reader
from tests import chromium
from tests.browser.district import District, Turn
from tests.browser.inspection import Inspection
from tests.browser.paper import FORM, Paper

UNIT = "u001"
WORKER = f"{UNIT}.cadre1"
# Supervision runs beside implementation: its tasks are done first, as acceptance rests on them (R129, R131).
FIRST = ("form_committee", "inspect_project", "lead_by_district", "lead_by_street", "publish_circular")


class Journey:
    def __init__(
        self, page: Page, district: District, bundle: Bundle, told: Mapping[str, Any], inspection: Inspection
    ) -> None:
        self.page, self.district, self._bundle, self._told = page, district, bundle, told
        self._inspection = inspection
        self.post = ""
        self.case = ""

    # ── where one goes ──

    def go(self, path: str) -> Response:
        response = self.page.goto(self.district.address + path)
        assert response is not None
        return response

    def step_into(self, post: str) -> None:
        """Through the demonstration's page of roles, as a visitor does."""
        if post == self.post:
            return
        self.go(f"/demo?unit={post.partition('.')[0] if post.startswith('u') else UNIT}")
        self.look()
        button = self.page.locator(f'button[name="post"][value="{post}"]')
        if not button.is_visible():
            self.page.locator("details", has=button).locator("summary").click()
        button.click()
        self.page.wait_for_url(lambda url: urlsplit(url).path != "/demo")
        self.post = post
        self.look()

    def open_task(self, turn: Turn) -> Paper:
        """From one's own worklist."""
        self.step_into(self.post if self.post in turn.posts else turn.posts[0])
        if urlsplit(self.page.url).path != "/inbox":
            self.go("/inbox")
        self.look()
        self.page.locator(f'table a[href="/inbox/{turn.work_item}"]').first.click()
        expect(self.page.locator("h1")).to_contain_text(turn.name)
        self.look(turn.element)
        return Paper(self.page)

    def look(self, kind: str = "") -> None:
        if self._inspection.scripts:
            chromium.furnished(self.page)
        self._inspection.look(self.page, kind)

    # ── what one does ──

    def register_submission(self, **changes: Any) -> None:
        """The worker enters what a resident raised."""
        self.step_into(WORKER)
        self.go("/submissions")
        self.look()
        self.page.get_by_role("link", name="登记诉求", exact=True).last.click()
        self.fill("submission", **changes).submit()
        expect(self.said()).to_contain_text("诉求已登记")
        self.look()

    def start_case(self, title: str) -> None:
        """From the submission that is on the screen."""
        self.page.get_by_role("link", name="发起议题").click()
        self.look()
        self.page.fill("#title", title)
        self.page.get_by_role("main").get_by_role("button", name="发起议题").click()
        expect(self.said()).to_contain_text(f"已发起议题“{title}”")
        self.case = self.district.only_case()

    def do(self, element: str, **changes: Any) -> None:
        """Open a task, fill it in from its sample, submit; the worklist says that it is done."""
        turn = self.turn(element)
        self.open_task(turn)
        self.fill(element, **changes).submit()
        expect(self.said()).to_contain_text(f"“{turn.name}”已办理")
        expect(self.page).to_have_url(f"{self.district.address}/inbox")

    def try_to(self, element: str, **changes: Any) -> Paper:
        """Submit what will be refused: the form comes back, with status 422."""
        self.open_task(self.turn(element))
        paper = self.fill(element, **changes)
        with self.page.expect_navigation() as answered:
            paper.submit()
        assert answered.value.status == 422
        self.look(f"{element} 422")
        return paper

    def do_until(self, element: str, **plans: Mapping[str, Any]) -> None:
        """Do whatever is open until `element` is; meetings wait for their day, and nothing else may be waited for."""
        for _ in range(80):
            turns = self.turns()
            if element in [turn.element for turn in turns]:
                return
            assert turns, f"nothing is open and {element} is not reached"
            if turns[0].element == "record_attendance":
                self.wait_for_day(self.facts()["meeting_on"])
            self.do(turns[0].element, **plans.get(turns[0].element, {}))
        raise AssertionError(f"{element} never opened")

    def fill(self, element: str, **changes: Any) -> Paper:
        """The form on the screen, from the sample of a task with some answers changed."""
        expect(self.page.locator(FORM)).to_be_visible()
        self.page.wait_for_load_state()  # its scripts have come
        form = self.form(element)
        answers = {**self._told.get(element, {}), **changes}
        answers = self.engine.read(_spoken, answers, self.facts() if self.case else {})
        paper = Paper(self.page)
        paper.fill(form.fields, form.pairs(answers))
        return paper

    # ── receipts ──

    def expect_receipt(self, platform: str) -> None:
        """The stand-in answers within seconds; the case page shows it."""
        line = self.page.locator("li", has_text=platform).filter(has_text="已收到回执")

        def shown() -> bool:
            self.go(f"/cases/{self.case}")
            return line.count() > 0

        chromium.until(self.page, shown, pause=1000)

    def enter_receipt(self, platform: str, number: str) -> None:
        """By hand, as printed on the receipt (D9)."""
        self.step_into(WORKER)
        self.go("/uploads")
        self.look()
        row = self.page.locator("tr", has_text=platform).filter(has=self.page.locator('[name="receipt"]'))
        row.locator('[name="receipt"]').fill(number)
        row.get_by_role("button", name="登记").click()
        expect(self.page.get_by_role("main")).to_contain_text(number)

    # ── the notice board ──

    def object_to_notice(self) -> None:
        """As a neighbour who is not signed in: somebody else's browser would do the same."""
        notice = self.facts()["notice"]
        self.page.context.clear_cookies()
        self.post = ""
        self.go("/board")
        self.look()
        self.page.locator(f'a[href="/board/{notice}"]').first.click()
        self.look()
        self.fill("objection").submit()
        expect(self.page.locator("h1")).to_have_text("公示异议回执")
        self.look()

    # ── the clock in the header ──

    def wait_for_day(self, day: str) -> None:
        """Move the clock to 09:00 of a day, unless it is there already."""
        if self.engine.now().date().isoformat() < day:
            self._open_clock()
            self.page.fill("#clock-date", day)
            self._press_clock("date")

    def wait_for_next_due(self) -> None:
        self._open_clock()
        self._press_clock("due")

    def _open_clock(self) -> None:
        self.page.locator(".site-clock summary").click()

    def _press_clock(self, to: str) -> None:
        self.page.locator(f'.site-clock button[value="{to}"]').click()
        expect(self.said()).to_contain_text("演示时钟已调到")

    # ── what one sees ──

    def said(self) -> Any:
        return self.page.locator("main > .alert").first

    def name(self) -> str:
        """Of the person in whose name one acts."""
        return self.page.locator(".site-account .site-panel-title").text_content() or ""

    def turns(self) -> list[Turn]:
        """Open tasks of the case, supervision first."""
        found = self.district.turns(self.case)
        return sorted(
            found, key=lambda turn: FIRST.index(turn.element) if turn.element in FIRST else len(FIRST)
        )

    def turn(self, element: str) -> Turn:
        return next(turn for turn in self.turns() if turn.element == element)

    def facts(self) -> Mapping[str, Any]:
        return self.district.row(self.case).facts

    @property
    def engine(self) -> Any:
        return self.district.engine

    def form(self, element: str) -> Form:
        pattern = re.compile(rf"(.*/)?{element}-schema\.json")
        return forms.load(
            self._bundle.files, next(path for path in self._bundle.files if pattern.fullmatch(path))
        )


def _spoken(reader: Reader, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The sample with its dates put in; files stay as `file:name`, to be uploaded."""
    setting = samples.Setting(reader.today, calendar.current(reader.db), facts, {})
    spoken: dict[str, Any] = samples.filled(answers, setting)
    return spoken
