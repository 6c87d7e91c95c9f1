"""One case of each level, from what a resident said to close-off, by everybody who has a part in it, in a browser."""

import pytest

from tests.browser.journey import Journey

pytestmark = pytest.mark.browser


def test_a_community_case_is_walked_from_submission_to_close_off(journey: Journey) -> None:
    journey.register_submission()
    journey.start_case("桃苑小区楼道照明")

    journey.do_until("publish_notice")
    paper = journey.try_to("publish_notice", working_days=4)
    assert "R120" in paper.error("working_days")
    assert paper.text("working_days") == "4"
