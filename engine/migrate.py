"""Brings a database to the schema of this release. Knows Alembic; the steps are in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine as Database
from sqlalchemy.engine import Connection


def upgrade(database: Database) -> None:
    """Run what is missing, in one transaction where the database can."""
    with database.connect() as connection:
        config = _config(connection)
        command.upgrade(config, "head")
        connection.commit()


def is_current(database: Database) -> bool:
    """Whether the schema is that of this release."""
    with database.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_located()).get_current_head()


def knows(database: Database) -> bool:
    """Whether the schema is that of this release or of an earlier one."""
    with database.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found in {step.revision for step in ScriptDirectory.from_config(_located()).walk_revisions()}


def _config(connection: Connection) -> Config:
    config = _located()
    config.attributes["connection"] = connection
    return config


def _located() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
