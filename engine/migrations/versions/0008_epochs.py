"""Lives of the database: after a restore nothing is sent before an operator has looked."""

import sqlalchemy as sa
from alembic import op

import engine.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("resumed_at", engine.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_epoch")),
    )
