"""Every command of `roundtable`, run as people run it: exit codes and what it says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import definitions
from engine.clock import SetClock
from engine.commands import StartCase
from engine.demo import making
from engine.engine import Engine
from tests.engine.conftest import MONDAY
from tests.engine.waiting import WaitingCases
from tests.house_rules import english_in
from web.cli import main


@pytest.fixture
def data(staged_sqlite, tmp_path):
    """A data folder with calendar, district and release."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(staged_sqlite, folder / "roundtable.db")
    return folder


@pytest.fixture
def say(capsys, monkeypatch, tmp_path):
    """Run a command where the house's procedure lies; its exit code and what it printed, all of it Chinese."""
    house = tmp_path / "house"  # not the house's own folder, where a command would leave its data
    house.mkdir()
    for folder in ("processes", "forms"):
        (house / folder).symlink_to(making.ROOT / folder)
    monkeypatch.chdir(house)

    def run(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        lines = (told.out + told.err).splitlines()
        named = [line for line in lines if not line.startswith("问题")]  # problems name ids
        assert [found for line in named for found in english_in(line)] == []
        return code, told.out + told.err

    return run


def opened(data):
    return Engine.open(f"sqlite:///{data / 'roundtable.db'}", clock=SetClock(MONDAY))


def test_a_released_version_is_exported_byte_for_byte(say, data, tmp_path):
    assert say("export", "roundtable", tmp_path / "out", "--data", data)[0] == 0

    out = tmp_path / "out"
    source = definitions.from_folders(Path("processes"), Path("forms"), "roundtable")
    again = definitions.from_folders(out / "processes", out / "forms", "roundtable")
    assert dict(again.files) == dict(source.files)
    assert again.hash == source.hash


def test_a_directory_is_imported_and_a_wrong_one_refused_whole(say, data, tmp_path):
    file = tmp_path / "directory.toml"
    file.write_text(
        """
        [[unit]]
        id = "u900"
        name = "新设社区"
        kind = "社区"
        parent = "s01"
        [[person]]
        id = "p9001"
        name = "新书记"
        [[post]]
        id = "u900.secretary"
        unit = "u900"
        role = "社区(村)党组织书记"
        title = "党组织书记"
        [[appointment]]
        person = "p9001"
        post = "u900.secretary"
        from = 2026-01-01
        """
    )

    code, told = say("directory", file, "--data", data)
    assert (code, "已导入1个单位、1人、1个岗位、1条任职" in told) == (0, True)
    file.write_text('[[unit]]\nid = "u901"\nname = "另一社区"\n')
    code, told = say("directory", file, "--data", data)
    assert code == 1
    assert "第1个[[unit]]有误：kind" in told


def test_exporting_what_was_never_released_is_refused(say, data, tmp_path):
    code, told = say("export", "nothing", tmp_path / "out", "--data", data)

    assert code == 1
    assert "还没有发布" in told


def test_a_correct_procedure_passes_the_check_and_is_released_as_the_next_version(say, data):
    assert say("check")[0] == 0
    code, told = say("deploy", "--data", data, "--by", "o_data.operator", "--note", "第二次")

    assert code == 0
    assert "已发布第2版" in told


def test_a_wrong_procedure_is_refused_with_its_problems_and_nothing_is_released(say, data, tmp_path):
    wrong = tmp_path / "processes" / "roundtable"
    shutil.copytree("processes/roundtable", wrong)
    diagram = wrong / "step1_topic.bpmn"
    diagram.write_text(diagram.read_text().replace('id="register_topic"', 'id="register topic"'))

    code, told = say("check", "--processes", tmp_path / "processes")
    assert code == 1
    assert "问题：step1_topic.bpmn" in told
    code, told = say(
        "deploy", "--processes", tmp_path / "processes", "--data", data, "--by", "o_data.operator"
    )
    assert code == 1
    assert "运行中的版本没有改变" in told
    release = opened(data).read(lambda reader: definitions.current(reader.db, "roundtable"))
    assert release.number == 1


def test_stories_can_be_played_one_by_one(say):
    code, told = say("play", "--only", "individual_claim")

    assert code == 0
    assert "共演练1个案例，1个通过，0个未通过" in told
    assert say("play", "--only", "no such story")[0] == 1


def test_what_is_due_is_fired(say, data):
    engine = opened(data)
    engine.clock.at = MONDAY.replace(year=2025)
    waiting = WaitingCases(engine)
    case = waiting.start()

    code, told = say("tick", "--data", data)

    assert (code, told) == (0, "已处理1项到期事项。\n")
    assert len(waiting.fired(case)) == 1


def test_a_history_is_verified_one_case_or_all(say, data):
    engine = opened(data)
    first, second = (
        engine.handle(StartCase("roundtable", "u001", "题目", channel="hotline"), by="u001.secretary").case
        for _ in range(2)
    )

    code, told = say("verify", first, "--data", data)
    assert code == 0
    assert f"{first} “题目”：一致" in told
    code, told = say("verify", "--data", data)
    assert code == 0
    assert second in told
    code, told = say("verify", "nonsense", "--data", data)
    assert code == 1
    assert "没有找到“nonsense”这一件" in told


def test_a_forged_history_is_named_with_an_exit_code(say, data):
    engine = opened(data)
    case = engine.handle(StartCase("roundtable", "u001", "题目", channel="hotline"), by="u001.secretary").case
    with engine.database.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER event_refuses_update")
        connection.exec_driver_sql(
            "UPDATE event SET body = replace(body, '题目', '题木') WHERE case_id <> 'district'"
        )
        connection.commit()

    code, told = say("verify", case, "--data", data)

    assert code == 1
    assert f"{case} “题目”：不一致。第1条（" in told
    assert "书记" in told


def test_a_backup_is_restored_into_a_new_place_and_nowhere_else(say, data, tmp_path):
    say("backup", tmp_path / "copy.db", "--data", data)

    code, told = say("restore", tmp_path / "copy.db", "--data", tmp_path / "new")
    assert code == 0
    assert "校验值相符" in told
    assert say("verify", "--data", tmp_path / "new")[0] == 0
    code, told = say("restore", tmp_path / "copy.db", "--data", data)
    assert code == 1
    assert "恢复从不覆盖" in told


def test_after_a_restore_uploads_are_let_go_on_by_an_operator(say, data, tmp_path):
    say("backup", tmp_path / "copy.db", "--data", data)
    _, told = say("restore", tmp_path / "copy.db", "--data", tmp_path / "new")
    assert "上传已暂停" in told
    resume = ("uploads", "resume", "--reason", "已核对", "--data", tmp_path / "new")

    assert say(*resume, "--by", "u001.secretary")[0] == 1
    code, told = say(*resume, "--by", "o_data.operator")

    assert (code, told) == (0, "已恢复上传。\n")
    assert say(*resume, "--by", "o_data.operator")[0] == 1
    pause = ("uploads", "pause", "--reason", "用别的工具恢复", "--by", "o_data.operator")
    assert say(*pause, "--data", tmp_path / "new") == (0, "上传已暂停，什么也不会送出。\n")


def test_a_backup_is_made_once(say, data, tmp_path):
    assert say("backup", tmp_path / "copy.db", "--data", data)[0] == 0
    code, told = say("backup", tmp_path / "copy.db", "--data", data)

    assert code == 1
    assert "已经存在" in told


def test_a_new_database_is_upgraded_and_upgrading_again_does_no_harm(say, tmp_path):
    for _ in range(2):
        assert say("db", "upgrade", "--data", tmp_path / "new") == (0, "数据库表结构已是最新。\n")


def test_a_demonstration_is_made_and_every_case_of_it_verifies(say, tmp_path):
    code, told = say("demo", "--cases", "2", "--data", tmp_path / "demo")

    assert code == 0
    assert "152个社区(村)" in told
    assert "2件议题" in told
    assert say("verify", "--data", tmp_path / "demo")[0] == 0


def test_wrong_arguments_end_with_two(say):
    with pytest.raises(SystemExit) as stopped:
        say("deploy", "--nonsense")

    assert stopped.value.code == 2


def test_the_command_that_people_type_works_in_any_language(data):
    command = Path(sys.executable).with_name("roundtable")
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [command, "verify", "--data", data], env=environment, capture_output=True, check=True
    )

    assert "共核验0件" in done.stdout.decode()
