"""A password that somebody else has set is changed before anything else."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Passwords that are in use stay as they are."""
    # Not in a batch: with a default that is no text it would make the table anew, and sessions refer to its rows.
    op.add_column(
        "account", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false())
    )
