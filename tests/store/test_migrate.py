"""The migrations make exactly the tables that the program uses, and repeating them changes nothing."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from mapper.store.migrate import is_current, upgrade
from mapper.store.store import Store
from mapper.store.tables import Base
from sqlalchemy import text

GIS = {"position", "reports_by_position", "incidents_by_position", "spatial_ref_sys"}


def _name(difference):
    item = difference[1] if not isinstance(difference[1], str | type(None)) else difference[-1]
    return getattr(item, "name", str(item))


def test_the_tables_are_those_of_the_program(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, Base.metadata)
    assert [item for item in found if _name(item) not in GIS] == []


def test_upgrading_twice_changes_nothing(store):
    assert is_current(store.engine)
    upgrade(store.engine)
    assert is_current(store.engine)


def test_an_empty_store_is_not_current(settings):
    store = Store.open(settings)
    assert not is_current(store.engine)
    store.close()


def test_postgis_serves_positions_to_other_programs(store, crisis):
    if not store.is_postgresql:
        return
    with store.engine.begin() as connection:
        known = text("SELECT type FROM geometry_columns WHERE f_table_name = 'incidents'")
        kind = connection.execute(known).scalar()
    assert kind == "POINT"
