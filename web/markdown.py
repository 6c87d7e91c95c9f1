"""A designer's Markdown as safe HTML: rendered without raw HTML, then cleaned by an allow-list."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "blockquote", "h3", "h4", "br", "hr", "a"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")


def rendered(text: str) -> Markup:
    """Links lead to https or into this house only; nothing else of HTML survives."""
    html = nh3.clean(
        _markdown.render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes={"https"}, link_rel="noopener"
    )
    return Markup(html)
