"""Every attempt to send something to a platform, with its end."""

import sqlalchemy as sa
from alembic import op

import engine.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outgoing_attempt",
        sa.Column("outgoing_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", engine.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outgoing_id"], ["outgoing.id"], name=op.f("fk_outgoing_attempt_outgoing_id")
        ),
        sa.PrimaryKeyConstraint("outgoing_id", "number", name=op.f("pk_outgoing_attempt")),
    )
