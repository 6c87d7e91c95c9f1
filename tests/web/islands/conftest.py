"""Sample pages in a real browser, with an ear for violations of the content security policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.web.islands.sample_site import BUILT, Site, running_site

LISTEN = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (found) =>
    window.violations.push(found.violatedDirective + ' ' + found.blockedURI));
"""


@pytest.fixture
def site() -> Iterator[Site]:
    assert (BUILT / "manifest.json").is_file(), "the islands are not built: run `make test-browser`"
    with running_site() as site:
        yield site


@pytest.fixture
def sample(page: Page) -> Page:
    page.add_init_script(LISTEN)
    return page


@pytest.fixture
def phone_sample(phone: Page) -> Page:
    phone.add_init_script(LISTEN)
    return phone
