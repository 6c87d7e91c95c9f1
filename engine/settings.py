"""What a deployment may set, each with one line of help. Knows nothing of who reads it."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import Refused

PORTS = range(1, 65536)
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Settings:
    """Read from the environment: `ROUNDTABLE_` and the name in capitals."""

    data: Path = _setting(Path("data"), "数据文件夹：嵌入式数据库和密钥放在这里")
    database: str = _setting("", "数据库地址；留空时使用数据文件夹里的 SQLite")
    port: int = _setting(8000, "网页服务的端口")
    host: str = _setting("127.0.0.1", "网页服务监听的地址")
    demo: bool = _setting(False, "演示区：提供角色选择页和可调时钟，正式部署不得打开")
    trusted_hosts: str = _setting("", "允许的主机名，用逗号分开；留空时只允许本机")
    party_cloud: str = _setting("", "区网络党建云平台的接口地址；留空时由人工上传并登记回执")
    service_365: str = _setting("", "“党群服务365”智慧管理平台的接口地址；留空时由人工上传并登记回执")
    count_posting_day: bool = _setting(False, "公示期是否把张贴当天算在内（默认不算，民法典第二百零一条）")

    @property
    def url(self) -> str:
        """The database's address as SQLAlchemy writes it."""
        return self.database or f"sqlite:///{self.data / 'roundtable.db'}"


def from_environment(**given: Any) -> Settings:
    """Settings from the environment; `given` values win. Raises Refused for what cannot be meant."""
    values: dict[str, Any] = {}
    for entry in fields(Settings):
        text = os.environ.get(f"ROUNDTABLE_{entry.name.upper()}")
        if text is not None:
            values[entry.name] = _parsed(entry.name, text, entry.default)
    values.update({name: value for name, value in given.items() if value is not None})
    return _lawful(Settings(**values))


def _lawful(settings: Settings) -> Settings:
    if settings.port not in PORTS:
        raise Refused(f"端口 {settings.port} 不能用", help="请写 1 到 65535 的整数。")
    try:
        driver = make_url(settings.url).drivername
    except (ArgumentError, ValueError):
        driver = ""
    if driver not in _DRIVERS:
        raise Refused(
            "数据库地址不认识，没有办理任何内容",
            help="请写 sqlite:///文件 或 postgresql+psycopg://用户@主机/库；不写则用数据文件夹里的 SQLite。",
        )
    return settings


def _parsed(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        return text.lower() in ("1", "true", "yes", "on")
    try:
        return type(default)(text)
    except ValueError as wrong:
        raise Refused(f"环境变量 ROUNDTABLE_{name.upper()} 的值“{text}”不对", help="请写整数。") from wrong
