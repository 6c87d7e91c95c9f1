"""Command-line arguments: what is wrong is said in Chinese."""

import pytest

from engine.arguments import Parser
from tests.house_rules import english_in


def parser() -> Parser:
    top = Parser(prog="roundtable")
    serve = top.add_subparsers(title="命令", required=True, dest="command").add_parser("serve")
    serve.add_argument("--port", type=int)
    serve.add_argument("--level", choices=["street", "district"])
    serve.add_argument("folder")
    return top


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "缺少参数：command"),
        (["serve"], "缺少参数：folder"),
        (["serve", "data", "--port"], "参数 --port 后面要写一个值"),
        (["serve", "data", "--port", "many"], "参数 --port 的值不对：'many'"),
        (["serve", "data", "--level", "city"], "参数 --level 不能是 'city'，可用："),
        (["serve", "data", "--loud"], "不认识的参数：--loud"),
    ],
)
def test_a_wrong_argument_is_named_in_chinese(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args(arguments)

    shown = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said in shown
    assert "用法：" in shown


def test_a_help_text_has_no_english_frame() -> None:
    shown = parser().format_help()

    assert "显示这段说明" in shown
    assert english_in(shown) == []
