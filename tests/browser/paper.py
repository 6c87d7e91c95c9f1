"""Fills in an HTML form as a person would, from the pairs a browser should post. Knows no question and no rule."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

from engine.demo.picture import picture
from engine.forms.schema import Field

SHOWN = """form => Object.fromEntries([...form.querySelectorAll('input, select, textarea')]
    .filter(control => control.name && !control.closest('template'))
    .map(control => [['radio', 'checkbox'].includes(control.type) ? `${control.name}=${control.value}` : control.name,
        {text: control.value, ticked: control.checked ?? false, off: control.disabled}]))"""
TYPED_CELLS = 20  # of a table; one with more is pasted
FORM = 'form[data-island="form"]'
Pairs = Sequence[tuple[str, str]]


class Paper:
    """The main form of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.form = page.locator(FORM)

    def fill(self, fields: Iterable[Field], pairs: Pairs) -> None:
        """In the order of the form: what an answer hides is left out, as a person could not fill it in."""
        for field in fields:
            mine = [(name, text) for name, text in pairs if name.partition(".")[0] == field.key]
            if not self._hidden(field):
                self._fill_field(field, mine)

    def _fill_field(self, field: Field, pairs: Pairs) -> None:
        if field.kind == "table":
            self._fill_table(field, pairs)
        elif field.kind == "attachments":
            self.attach(field.key, [text for _, text in pairs])
        elif field.kind == "checkboxes":
            self._tick(field, [text for _, text in pairs])
        elif field.kind == "checkbox":
            self._named(field.key).set_checked(bool(pairs))
        elif pairs:
            self._write(field, *pairs[0])

    def _fill_table(self, table: Field, pairs: Pairs) -> None:
        """Large tables are pasted, as from a spreadsheet; small ones are typed cell by cell."""
        wanted = dict(pairs)
        count = len({name.split(".")[1] for name in wanted})
        if len(wanted) > TYPED_CELLS:
            self._paste(table, wanted, count)
            return
        self.rows(table.key, count)
        for row in range(count):
            for column in table.columns:
                self._fill_cell(column, f"{table.key}.{row}.{column.key}", wanted)

    def _fill_cell(self, column: Field, name: str, wanted: Mapping[str, str]) -> None:
        if column.kind == "checkbox":
            self._named(name).set_checked(name in wanted)
        elif column.when is None or self._named(name).is_enabled():
            self._write(column, name, wanted.get(name, ""))

    def _paste(self, table: Field, wanted: Mapping[str, str], count: int) -> None:
        """With the real clipboard into the first cell; choices by their Chinese words, rows added on the way."""
        lines = [
            "\t".join(
                _word(column, wanted.get(f"{table.key}.{row}.{column.key}", "")) for column in table.columns
            )
            for row in range(count)
        ]
        self.page.evaluate("text => navigator.clipboard.writeText(text)", "\n".join(lines))
        self._named(f"{table.key}.0.{table.columns[0].key}").focus()
        self.page.keyboard.press("Control+V")
        status = self.form.locator(f'[data-rows="{table.key}"] [data-rows-status]')
        expect(status).to_have_text(f"已粘贴{count}行。")

    def rows(self, table: str, count: int) -> None:
        """Add or remove rows until there are as many; a table never shows less than its least."""
        place = self.form.locator(f'[data-rows="{table}"]')
        least = int(place.get_attribute("data-min") or 1)
        lines = place.locator("tr[data-row]")
        now = lines.count()
        for more in range(now, count):
            place.locator("[data-add-row]").click()
            expect(lines).to_have_count(more + 1)
        for less in range(now, max(count, least), -1):
            place.locator("[data-remove-row]").last.click()
            expect(lines).to_have_count(less - 1)

    def _write(self, field: Field, name: str, text: str) -> None:
        """Type only what does not stand there already: much is proposed from earlier answers."""
        shown: dict[str, Any] = self.form.evaluate(SHOWN)
        if f"{name}={text}" in shown:
            if not shown[f"{name}={text}"]["ticked"]:
                self.form.locator(f'input[name="{name}"][value="{text}"]').check()
        elif shown[name]["text"] != text:
            self._put(field, self._named(name), text)

    def _put(self, field: Field, control: Locator, text: str) -> None:
        if field.kind in ("choice", "person", "performer"):
            control.select_option(text)
        else:
            control.fill(text)

    def _tick(self, field: Field, texts: Sequence[str]) -> None:
        for option in field.options:
            box = self.form.locator(f'input[name="{field.key}"][value="{option.value}"]')
            box.set_checked(str(option.value) in texts)

    def attach(self, name: str, files: Sequence[str]) -> None:
        """Upload through the real control; `file:` is how samples write a file."""
        place = self.form.locator(f'[data-attachments="{name}"]')
        named = [file.removeprefix("file:") for file in files]
        before = place.locator("[data-attachment]").count()
        sent = [{"name": _png(file), "mimeType": "image/png", "buffer": picture(file)} for file in named]
        if sent:
            place.locator("input[type=file]").set_input_files(sent)
            expect(place.locator("[data-attachment]")).to_have_count(before + len(sent))

    def text(self, name: str) -> str:
        return self._named(name).input_value()

    def error(self, name: str) -> str:
        """What is said at the field."""
        return self.form.locator(f'[id="{name}-error"]').inner_text()

    def submit(self) -> None:
        self.form.locator(".submit-bar button.btn-primary").click()

    def _named(self, name: str) -> Locator:
        return self.form.locator(f'[name="{name}"]')

    def _hidden(self, field: Field) -> bool:
        if field.when is None:
            return False
        place = self.form.locator(f'[id="{field.key}"], [data-attachments="{field.key}"]').first
        return not place.is_visible()


def _png(name: str) -> str:
    return f"{name.rpartition('.')[0] or name}.png"


def _word(column: Field, text: str) -> str:
    """What a person would have written into the cell."""
    return next((option.title for option in column.options if str(option.value) == text), text)
