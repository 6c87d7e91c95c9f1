"""The filters of the long lists: folded away on a phone until one is set, always there for those without scripts."""

import pytest

LISTS = [
    ("/inbox", "u001.secretary", "overdue=on"),
    ("/cases", "u001.secretary", "text=照明"),
    ("/submissions", "u001.secretary", "text=照明"),
    ("/history", "o_audit.auditor", "status=active"),
]


@pytest.mark.parametrize(("address", "post", "asked"), LISTS)
def test_a_list_folds_its_filters_until_one_is_set(address, post, asked, visitor):
    somebody = visitor(post)

    page = somebody.get(address)
    fold = page.tree.xpath("//details[@class='filter-fold']")[0]
    assert fold.get("open") is None
    assert fold.getnext().get("class") == "filter-bar"
    assert fold.xpath("string(summary)") == "筛选"

    page = somebody.get(f"{address}?{asked}")
    assert page.tree.xpath("//details[@class='filter-fold']/@open")
