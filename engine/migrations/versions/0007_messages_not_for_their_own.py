"""A message may be for cases of other procedures only: its arrow leads out of the drawing that throws it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was under way before is for whoever waits for its name."""
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("not_for", sa.String(), nullable=False, server_default=""))
