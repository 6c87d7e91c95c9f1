"""How often somebody did the same within the hour."""

import sqlalchemy as sa
from alembic import op

import engine.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "braked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_braked")),
    )
    op.create_index(op.f("ix_braked_what"), "braked", ["what"])
    op.create_index(op.f("ix_braked_at"), "braked", ["at"])
