"""Each case knows when its timers are due, so that a task which changes none of them asks for none."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Cases that run already do not know: their rows are looked at once more."""
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("timed", sa.String(), nullable=False, server_default="unknown"))
