"""The database: what is known of images and asks, by SQLAlchemy; SQLite in WAL mode unless told otherwise."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.store.errors import DiskFull

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

SQLITE_FULL = 13


class Database:
    """Opened at its first use, because importing SQLAlchemy takes a tenth of a server's start."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing. Raises DiskFull."""
        from sqlalchemy.exc import OperationalError

        try:
            with self.engine.begin() as connection:
                yield connection
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) == SQLITE_FULL:
                raise DiskFull from error
            raise

    @property
    def engine(self) -> Engine:
        """The pool of connections, with the tables made."""
        with self._lock:
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _open(self) -> Engine:
        from sqlalchemy import create_engine, event, make_url

        url = make_url(self.url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", configure_sqlite)
        self.tables.metadata.create_all(engine)
        return engine

    @cached_property
    def tables(self) -> Tables:
        """The tables, as SQLAlchemy knows them."""
        return Tables()

    def close(self) -> None:
        """Gives the connections back."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None


class Tables:
    """`images`: what is known of each picture; `asks`: what each answer's id was asked as; `models`: the networks that
    people brought."""

    def __init__(self) -> None:
        from sqlalchemy import JSON, Column, DateTime, Integer, MetaData, String, Table, func

        self.metadata = MetaData()
        self.images: Table = Table(
            "images",
            self.metadata,
            Column("id", String(64), primary_key=True),
            Column("width", Integer, nullable=False),
            Column("height", Integer, nullable=False),
            Column("notes", JSON, nullable=False),
            Column("created", DateTime, server_default=func.now(), nullable=False),
        )
        self.asks: Table = Table(
            "asks",
            self.metadata,
            Column("answer", String(64), primary_key=True),
            Column("ask", JSON, nullable=False),
            Column("created", DateTime, server_default=func.now(), nullable=False),
        )
        self.models: Table = Table(
            "models",
            self.metadata,
            Column("id", String(64), primary_key=True),
            Column("digest", String(64), unique=True, nullable=False),
            Column("kind", String(16), nullable=False),
            Column("architecture", String(64)),
            Column("card", JSON, nullable=False),
            Column("created", DateTime, server_default=func.now(), nullable=False),
        )


def configure_sqlite(connection: Any, _record: object) -> None:
    """Readers don't wait for the writer; a transaction that was committed survives a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
