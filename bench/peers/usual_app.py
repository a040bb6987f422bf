"""The usual Flask + pydantic + SQLAlchemy view: one transaction a request, committed before the answer.

Same SQLite build, same PRAGMAs, same kind of token check as ours. It keeps one plain row a report: no
encryption, no ledger, no idempotency, which is less than ours does.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from datetime import UTC, datetime
from typing import Any, Literal

import pysqlite3.dbapi2 as sqlite
from flask import Flask, abort, jsonify, request
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from sqlalchemy import DateTime, Float, String, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Tables of the peer."""


class Token(Base):
    """An API token, by its hash."""

    __tablename__ = "tokens"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(200))


class Report(Base):
    """A report as it came."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    observed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    longitude: Mapped[float] = mapped_column(Float)
    latitude: Mapped[float] = mapped_column(Float)
    category: Mapped[str | None] = mapped_column(String(200))
    damage_grade: Mapped[int | None]
    text: Mapped[str | None]


class Point(BaseModel):
    """A GeoJSON Point."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class Properties(BaseModel):
    """What the sender says."""

    text: str | None = Field(None, max_length=20_000)
    observed_at: AwareDatetime | None = None
    category: str | None = None
    damage_grade: int | None = Field(None, ge=0, le=5)


class Feature(BaseModel):
    """A report as GeoJSON."""

    type: Literal["Feature"]
    geometry: Point
    properties: Properties


def create_app() -> Flask:
    """The peer's app on the database that USUAL_DATABASE names."""
    app = Flask(__name__)
    engine = create_engine(f"sqlite:///{os.environ['USUAL_DATABASE']}", module=sqlite)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000"):
            connection.execute(f"PRAGMA {pragma}")

    Base.metadata.create_all(engine)

    @app.post("/reports")
    def post_report() -> Any:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with Session(engine) as session:
            user = session.scalar(
                select(Token.user).where(Token.hash == hashlib.sha256(given.encode()).hexdigest())
            )
            if user is None:
                abort(401)
            try:
                feature = Feature.model_validate_json(request.get_data())
            except ValidationError as error:
                return jsonify(errors=error.errors(include_url=False)), 422
            report = Report(
                id=str(uuid.uuid4()),
                user=user,
                received_at=datetime.now(UTC),
                longitude=feature.geometry.coordinates[0],
                latitude=feature.geometry.coordinates[1],
                **feature.properties.model_dump(),
            )
            session.add(report)
            session.commit()
            return jsonify(id=report.id), 201

    return app


def add_token(database: str, token: str) -> None:
    """Make the tables and let `token` in."""
    engine = create_engine(f"sqlite:///{database}", module=sqlite)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Token(hash=hashlib.sha256(token.encode()).hexdigest(), user="bench@example.org"))
        session.commit()
    engine.dispose()
