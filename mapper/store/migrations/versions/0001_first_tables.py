"""The first tables, and PostGIS' own geometry column for QGIS and the like."""

import sqlalchemy as sa
from alembic import op
from mapper.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("languages", types.SortedJson(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("embargo_hours", sa.Integer(), nullable=False),
        sa.Column("minimum_count", sa.Integer(), nullable=False),
        sa.Column("public_level", sa.Integer(), nullable=False),
        sa.Column("blanked_at", types.UtcDateTime(), nullable=True),
        sa.Column("areas_version", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("fs_uniquifier"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("crisis_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "areas",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("names", types.SortedJson(), nullable=False),
        sa.Column("parents", types.SortedJson(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "layer_id", "code"),
    )
    op.create_table(
        "claims",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "incident_id"),
    )
    op.create_index("claims_by_user", "claims", ["crisis_id", "user_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("said_at", types.UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("comments_by_incident", "comments", ["crisis_id", "incident_id", "said_at"], unique=False)
    op.create_table(
        "crisis_roles",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "user_id", "role"),
    )
    op.create_index("crisis_roles_by_user", "crisis_roles", ["user_id"], unique=False)
    op.create_table(
        "custody",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("actor_user_id", sa.Integer(), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", types.SortedJson(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("custody_by_medium", "custody", ["crisis_id", "medium_id", "at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("actor_user_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", types.SortedJson(), nullable=False),
        sa.Column("state_before", sa.String(length=16), nullable=False),
        sa.Column("state_after", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("decisions_by_incident", "decisions", ["crisis_id", "incident_id", "number"], unique=True)
    op.create_index("decisions_by_kind", "decisions", ["crisis_id", "kind", "decided_at"], unique=False)
    op.create_table(
        "deployment_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "role"),
    )
    op.create_table(
        "feature_pins",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("lon_e7", sa.Integer(), nullable=False),
        sa.Column("lat_e7", sa.Integer(), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("placed_at", types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("feature_pins_by_incident", "feature_pins", ["crisis_id", "incident_id"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("left_at", types.UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("incidents", types.SortedJson(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("handovers_by_time", "handovers", ["crisis_id", "left_at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("sender_key", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "sender_key", "key"),
    )
    op.create_table(
        "import_rejects",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "import_id", "number", "position"),
    )
    op.create_table(
        "imports",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("layer", sa.String(length=200), nullable=True),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("chosen", types.SortedJson(), nullable=False),
        sa.Column("mapping", types.SortedJson(), nullable=False),
        sa.Column("found", types.SortedJson(), nullable=True),
        sa.Column("choices", types.SortedJson(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("summary", types.SortedJson(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("imports_by_state", "imports", ["state"], unique=False)
    op.create_table(
        "incident_identities",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_table(
        "incident_links",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("why", types.SortedJson(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("linked_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "incident_id", "other_id", "kind"),
    )
    op.create_index("incident_links_by_other", "incident_links", ["crisis_id", "other_id"], unique=False)
    op.create_table(
        "incident_reports",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("why", types.SortedJson(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_index(
        "incident_reports_by_incident", "incident_reports", ["crisis_id", "incident_id"], unique=False
    )
    op.create_table(
        "incidents",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("asset", sa.String(length=32), nullable=True),
        sa.Column("damage_low", sa.Integer(), nullable=True),
        sa.Column("damage_high", sa.Integer(), nullable=True),
        sa.Column("damage_conflict", sa.Boolean(), nullable=False),
        sa.Column("service_state", sa.String(length=16), nullable=True),
        sa.Column("needs", types.SortedJson(), nullable=False),
        sa.Column("people_affected_low", sa.BigInteger(), nullable=True),
        sa.Column("people_affected_high", sa.BigInteger(), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("origins", sa.Integer(), nullable=False),
        sa.Column("happened_from", types.UtcDateTime(), nullable=True),
        sa.Column("happened_to", types.UtcDateTime(), nullable=True),
        sa.Column("first_reported_at", types.UtcDateTime(), nullable=False),
        sa.Column("last_reported_at", types.UtcDateTime(), nullable=False),
        sa.Column("verified_at", types.UtcDateTime(), nullable=True),
        sa.Column("repaired_at", types.UtcDateTime(), nullable=True),
        sa.Column("lon_e7", sa.Integer(), nullable=True),
        sa.Column("lat_e7", sa.Integer(), nullable=True),
        sa.Column("cell_key", sa.BigInteger(), nullable=True),
        sa.Column("position_accuracy_m", sa.Double(), nullable=True),
        sa.Column("area_codes", types.SortedJson(), nullable=True),
        sa.Column("areas_version", sa.Integer(), nullable=True),
        sa.Column("outside_areas", sa.Boolean(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("changed_at", types.UtcDateTime(), nullable=False),
        sa.Column(
            "queue_rank",
            sa.Integer(),
            sa.Computed(
                "100 - (4 * COALESCE(damage_high, 3)) - (CASE WHEN people_affected_high IS NULL THEN 3 WHEN people_affected_high >= 10000 THEN 15 WHEN people_affected_high >= 1000 THEN 12 WHEN people_affected_high >= 100 THEN 9 WHEN people_affected_high >= 10 THEN 6 WHEN people_affected_high >= 1 THEN 3 WHEN people_affected_high >= 0 THEN 0 ELSE 0 END) - (2 * CASE WHEN origins > 4 THEN 4 ELSE origins END) - (CASE WHEN service_state = 'out' THEN 4 WHEN service_state = 'partial' THEN 2 ELSE 0 END) - (CASE WHEN status = 'in_review' THEN 8 WHEN status = 'override' THEN 8 WHEN status = 'disputed' THEN 4 ELSE 0 END) - (CASE WHEN asset = 'ordnance' THEN 5 ELSE 0 END) - (CASE WHEN damage_conflict THEN 4 ELSE 0 END) - (CASE WHEN needs_review THEN 8 ELSE 0 END)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("incidents_by_areas_version", "incidents", ["crisis_id", "areas_version"], unique=False)
    op.create_index("incidents_by_cell", "incidents", ["crisis_id", "cell_key"], unique=False)
    op.create_index("incidents_by_change", "incidents", ["crisis_id", "changed_at"], unique=False)
    op.create_index(
        "incidents_by_status",
        "incidents",
        ["crisis_id", "status", "queue_rank", "first_reported_at", "id"],
        unique=False,
    )
    op.create_index(
        "incidents_waiting",
        "incidents",
        ["crisis_id", "queue_rank", "first_reported_at", "id", "sector", "status"],
        unique=False,
        sqlite_where=sa.text(
            "merged_into IS NULL AND (needs_review OR status IN ('new', 'triaged', 'in_review', 'disputed', 'override'))"
        ),
        postgresql_where=sa.text(
            "merged_into IS NULL AND (needs_review OR status IN ('new', 'triaged', 'in_review', 'disputed', 'override'))"
        ),
    )
    op.create_index(
        "incidents_waiting_by_age",
        "incidents",
        ["crisis_id", "first_reported_at", "id"],
        unique=False,
        sqlite_where=sa.text(
            "merged_into IS NULL AND (needs_review OR status IN ('new', 'triaged', 'in_review', 'disputed', 'override'))"
        ),
        postgresql_where=sa.text(
            "merged_into IS NULL AND (needs_review OR status IN ('new', 'triaged', 'in_review', 'disputed', 'override'))"
        ),
    )
    op.create_table(
        "layer_rows",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("codes", types.SortedJson(), nullable=False),
        sa.Column("properties", types.SortedJson(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "layer_id", "number"),
    )
    op.create_table(
        "layers",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version_label", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("since_version", sa.Integer(), nullable=False),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("replaced_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_table(
        "ledger",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index(
        "ledger_by_seq",
        "ledger",
        ["crisis_id", "seq"],
        unique=True,
        sqlite_where=sa.text("seq IS NOT NULL"),
        postgresql_where=sa.text("seq IS NOT NULL"),
    )
    op.create_index(
        "ledger_unsealed",
        "ledger",
        ["crisis_id", "at"],
        unique=False,
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "ledger_roots",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", types.UtcDateTime(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", types.UtcDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "number"),
    )
    op.create_index(
        "ledger_roots_pending",
        "ledger_roots",
        ["crisis_id", "number"],
        unique=False,
        sqlite_where=sa.text("token IS NULL"),
        postgresql_where=sa.text("token IS NULL"),
    )
    op.create_table(
        "link_archives",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", types.UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", types.UtcDateTime(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("medium_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_index(
        "link_archives_waiting",
        "link_archives",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "linkage_keys",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "key", "value", "report_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("linkage_keys_by_report", "linkage_keys", ["crisis_id", "report_id"], unique=False)
    op.create_table(
        "media",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("copy_blob", sa.String(length=64), nullable=True),
        sa.Column("thumbnail_blob", sa.String(length=64), nullable=True),
        sa.Column("perceptual_hash", sa.String(length=16), nullable=True),
        sa.Column("stamp", types.SortedJson(), nullable=True),
        sa.Column("processed_at", types.UtcDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("copy_type", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("copy_is_cut", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("media_by_report", "media", ["crisis_id", "report_id"], unique=False)
    op.create_index(
        "media_waiting",
        "media",
        ["crisis_id"],
        unique=False,
        sqlite_where=sa.text("processed_at IS NULL AND blob IS NOT NULL"),
        postgresql_where=sa.text("processed_at IS NULL AND blob IS NOT NULL"),
    )
    op.create_table(
        "media_pages",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("redaction", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "medium_id", "redaction", "page"),
    )
    op.create_table(
        "mentions",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "user_id", "comment_id"),
    )
    op.create_table(
        "redactions",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("boxes", types.SortedJson(), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", types.UtcDateTime(), nullable=False),
        sa.Column("processed_at", types.UtcDateTime(), nullable=True),
        sa.Column("copy_blob", sa.String(length=64), nullable=True),
        sa.Column("thumbnail_blob", sa.String(length=64), nullable=True),
        sa.Column("copy_sha256", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "medium_id", "number"),
    )
    op.create_index(
        "redactions_waiting",
        "redactions",
        ["crisis_id"],
        unique=False,
        sqlite_where=sa.text("processed_at IS NULL"),
        postgresql_where=sa.text("processed_at IS NULL"),
    )
    op.create_table(
        "release_members",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=40), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "incident_id"),
    )
    op.create_table(
        "report_keys",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_table(
        "reports",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(), nullable=False),
        sa.Column("observed_at", types.UtcDateTime(), nullable=True),
        sa.Column("observed_until", types.UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("sender_key", sa.String(length=80), nullable=False),
        sa.Column("sender_user_id", sa.Integer(), nullable=True),
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column("lon_e7", sa.Integer(), nullable=True),
        sa.Column("lat_e7", sa.Integer(), nullable=True),
        sa.Column("cell_key", sa.BigInteger(), nullable=True),
        sa.Column("position_flag", sa.String(length=32), nullable=True),
        sa.Column("position_accuracy_m", sa.Double(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("asset", sa.String(length=32), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("damage_low", sa.Integer(), nullable=True),
        sa.Column("damage_high", sa.Integer(), nullable=True),
        sa.Column("damage_scale", sa.String(length=32), nullable=True),
        sa.Column("damage_value", sa.Text(), nullable=True),
        sa.Column("service_state", sa.String(length=16), nullable=True),
        sa.Column("needs", types.SortedJson(), nullable=False),
        sa.Column("people_affected", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("consent", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("text_fingerprint", sa.String(length=32), nullable=True),
        sa.Column("contact_fingerprint", sa.String(length=32), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("claim_of", sa.Uuid(), nullable=True),
        sa.Column("divided_by", sa.Uuid(), nullable=True),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("area_codes", types.SortedJson(), nullable=True),
        sa.Column("areas_version", sa.Integer(), nullable=True),
        sa.Column("outside_areas", sa.Boolean(), nullable=False),
        sa.Column("fused_at", types.UtcDateTime(), nullable=True),
        sa.Column("erased_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "id"),
    )
    op.create_index("reports_by_areas_version", "reports", ["crisis_id", "areas_version"], unique=False)
    op.create_index("reports_by_cell", "reports", ["crisis_id", "cell_key"], unique=False)
    op.create_index(
        "reports_by_import",
        "reports",
        ["crisis_id", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index("reports_by_receipt", "reports", ["receipt_hash"], unique=False)
    op.create_index(
        "reports_by_source",
        "reports",
        ["crisis_id", "sender_key", "channel", "source_id"],
        unique=True,
        sqlite_where=sa.text("source_id IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("source_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "reports_by_whole",
        "reports",
        ["crisis_id", "claim_of"],
        unique=False,
        sqlite_where=sa.text("claim_of IS NOT NULL"),
        postgresql_where=sa.text("claim_of IS NOT NULL"),
    )
    op.create_index(
        "reports_leaving",
        "reports",
        ["crisis_id", "withdrawn_at"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NOT NULL AND fused_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NOT NULL AND fused_at IS NULL"),
    )
    op.create_index(
        "reports_superseding",
        "reports",
        ["crisis_id", "supersedes"],
        unique=False,
        sqlite_where=sa.text("supersedes IS NOT NULL"),
        postgresql_where=sa.text("supersedes IS NOT NULL"),
    )
    op.create_index(
        "reports_waiting_for_fusion",
        "reports",
        ["crisis_id", "received_at", "id"],
        unique=False,
        sqlite_where=sa.text("fused_at IS NULL"),
        postgresql_where=sa.text("fused_at IS NULL"),
    )
    op.create_index(
        "reports_withdrawn",
        "reports",
        ["crisis_id", "withdrawn_by"],
        unique=False,
        sqlite_where=sa.text("withdrawn_by IS NOT NULL"),
        postgresql_where=sa.text("withdrawn_by IS NOT NULL"),
    )
    op.create_table(
        "saved_mappings",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("chosen", types.SortedJson(), nullable=False),
        sa.Column("saved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "sender", "headings"),
    )
    op.create_table(
        "saved_views",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filters", types.SortedJson(), nullable=False),
        sa.Column("saved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "user_id", "name"),
    )
    op.create_table(
        "set_aside",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", types.UtcDateTime(), nullable=False),
        sa.Column("retry_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_table(
        "snapshots",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("data_until", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("policy", types.SortedJson(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "audience", "version"),
    )
    op.create_table(
        "training_truths",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("true_incident", sa.String(length=40), nullable=False),
        sa.Column("damage", sa.Integer(), nullable=True),
        sa.Column("is_real", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id"),
    )
    op.create_table(
        "translations",
        sa.Column("crisis_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author_user_id", sa.Integer(), nullable=False),
        sa.Column("written_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crisis_id"],
            ["crises.id"],
        ),
        sa.PrimaryKeyConstraint("crisis_id", "report_id", "language"),
    )

    if op.get_bind().dialect.name == "postgresql":
        _add_positions_for_gis()


def _add_positions_for_gis() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    for table in ("reports", "incidents"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN position geometry(Point, 4326) GENERATED ALWAYS AS "
            "(ST_SetSRID(ST_MakePoint(lon_e7 / 1e7::float8, lat_e7 / 1e7::float8), 4326)) STORED"
        )
        op.execute(f"CREATE INDEX {table}_by_position ON {table} USING gist (position)")
