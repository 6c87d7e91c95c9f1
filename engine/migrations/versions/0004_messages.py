"""Messages and signals between cases, who waits for them, and cases that begin by time."""

import sqlalchemy as sa
from alembic import op

import engine.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("awaits", sa.String(), nullable=False, server_default=""))
    _subscriptions()
    _messages()
    _start_timers()


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("since", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_subscription_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "path", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_name_kind"), "subscription", ["name", "kind"])
    op.create_index(op.f("ix_subscription_fresh"), "subscription", ["fresh"])


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("sender", sa.JSON(), nullable=False),
        sa.Column("from_case", sa.String(), nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("to_case", sa.String(), nullable=False),
        sa.Column("to_process", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sent_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("ended_at", engine.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("in_case", sa.String(), nullable=False),
        sa.Column("in_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_name"), "message", ["name"])
    op.create_index(op.f("ix_message_status_next_at"), "message", ["status", "next_at"])
    op.create_index(op.f("ix_message_from_case_from_seq"), "message", ["from_case", "from_seq"])


def _start_timers() -> None:
    op.create_table(
        "start_timer",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("definition_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("due_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", engine.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("process", "element", name=op.f("pk_start_timer")),
    )
    op.create_index(op.f("ix_start_timer_next_at"), "start_timer", ["next_at"])
