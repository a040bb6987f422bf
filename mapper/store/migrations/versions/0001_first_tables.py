"""The first tables, and PostGIS' own geometry column for QGIS and the like."""

from alembic import op
from mapper.store.tables import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        for table in ("reports", "incidents"):
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN position geometry(Point, 4326) GENERATED ALWAYS AS "
                "(ST_SetSRID(ST_MakePoint(lon_e7 / 1e7::float8, lat_e7 / 1e7::float8), 4326)) STORED"
            )
            op.execute(f"CREATE INDEX {table}_by_position ON {table} USING gist (position)")
