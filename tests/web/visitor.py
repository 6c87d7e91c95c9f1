"""A person with a browser but without scripts: follows links, fills in the forms that a page holds, presses buttons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import html


@dataclass
class Page:
    status: int
    address: str
    headers: Mapping[str, str]
    text: str

    @property
    def tree(self) -> Any:
        """Parsed as a browser does: the newline that a text area begins with and what is in templates fall away."""
        seen = re.sub(r"(?s)<template\b.*?</template>", "", self.text)
        return html.fromstring(re.sub(r"(<textarea[^>]*>)\n", r"\1", seen))

    @property
    def words(self) -> str:
        """What a person reads, with single spaces."""
        return " ".join(self.tree.text_content().split())

    def links(self, part: str) -> list[str]:
        return [link for link in self.tree.xpath("//a/@href") if part in link]

    def form(self, part: str) -> Any:
        """The form whose address contains `part`; the page's main form before its small ones."""
        found = [form for form in self.tree.forms if part in (form.action or "")]
        return min(found, key=lambda form: form.get("data-island") != "form")

    def flash(self) -> str:
        return " ".join(self.tree.xpath("string(//main/div[@role='status'])").split())


class Visitor:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = Page(0, "", {}, "")

    def get(self, address: str) -> Page:
        return self._arrive(self.client.get(address, follow_redirects=True))

    def step_into(self, post: str) -> Page:
        self.get(f"/demo?unit={post.split('.')[0]}")
        return self.press("/demo/role", post=post)

    def press(self, part: str, **fields: Any) -> Page:
        """Send the form whose address contains `part`, as it stands, with `fields` changed or added.

        A list sends a name several times, None leaves it out; a dict names a file: {"name": …, "content": …}.
        """
        return self.send(self.page.form(part).action, **{**self._standing(part), **fields})

    def push(self, part: str, name: str, value: str, **fields: Any) -> Page:
        """Press a small button of a form: one that has an address of its own."""
        button = self.page.tree.xpath(f"//button[@name='{name}'][@value='{value}']")[0]
        return self.send(button.get("formaction"), **{**self._standing(part), **fields, name: value})

    def send(self, address: str, **fields: Any) -> Page:
        data = {name: value for name, value in fields.items() if value is not None}
        return self._arrive(self.client.post(address, data=data, follow_redirects=True))

    def token(self) -> str:
        return str(self.page.tree.xpath("//input[@name='csrf_token']/@value")[0])

    def _standing(self, part: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in self.page.form(part).form_values():
            fields.setdefault(name, []).append(value)
        return fields

    def _arrive(self, response: Any) -> Page:
        parts = urlsplit(response.request.url)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        text = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        page = Page(response.status_code, address, response.headers, text)
        self.page = page
        return page
