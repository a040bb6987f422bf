"""What fused reports are found by, and the ids they founded. Everything is fused again with these."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_identities",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["crisis_id"], ["crises.id"]),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_table(
        "linkage_keys",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["crisis_id"], ["crises.id"]),
        sa.PrimaryKeyConstraint("crisis_id", "key", "value", "report_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("linkage_keys_by_report", "linkage_keys", ["crisis_id", "report_id"])
    op.execute("UPDATE reports SET fused_at = NULL")
