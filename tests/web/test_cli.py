"""The `roundtable` command: every part explains itself in Chinese, and a refusal is a sentence, not a trace."""

import socket
import subprocess
import sys
from contextlib import closing

import pytest

from tests.web.conftest import ROOT
from web import cli

COMMANDS = (
    *("serve", "worker", "deploy", "export", "check", "play", "demo", "tick", "verify", "backup", "restore"),
    *("start", "tasks", "complete", "message", "signal", "show", "cases", "messages", "move", "undo-move"),
    *("claim", "release", "delegate", "return", "withdraw", "skip", "correct", "give-back", "retry"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])

    assert end.value.code == 0
    assert "--data" in capsys.readouterr().out


def test_a_port_in_use_is_said_in_a_sentence(settings):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = _run("serve", "--data", str(settings.data), "--port", port)

    assert done.returncode == 1
    assert f"端口 {port} 不能使用" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_of_the_engine_is_printed_and_gives_exit_code_1(settings):
    done = _run("export", "nonsense", str(settings.data / "out"), "--data", str(settings.data))

    assert done.returncode == 1
    assert "流程“nonsense”还没有发布" in done.stderr
    assert "Traceback" not in done.stderr


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the command ends without closing what the system closes for it."""
    started = "import sys; from web.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", started, *arguments],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
