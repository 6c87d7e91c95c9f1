"""Requests to skip a task, which somebody else approves."""

import sqlalchemy as sa
from alembic import op

import engine.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skip_request",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("work_item", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("asked_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_skip_request_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_skip_request")),
    )
    op.create_index(op.f("ix_skip_request_work_item"), "skip_request", ["work_item"])
    op.create_index(op.f("ix_skip_request_role"), "skip_request", ["role"])
    op.create_index(op.f("ix_skip_request_status"), "skip_request", ["status"])
