"""The database: whole transactions, a clear word when the disk is full."""

import sqlite3
from pathlib import Path

import pytest

from app.store.database import Database
from app.store.errors import DiskFull

ROW = {"id": "a", "width": 1, "height": 2, "notes": ["b"]}


def test_a_transaction_that_fails_keeps_nothing(database: Database) -> None:
    images = database.tables.images

    def fail() -> None:
        with database.transaction() as connection:
            connection.execute(images.insert().values(ROW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction() as connection:
        assert connection.execute(images.select()).all() == []


def test_sqlite_writes_ahead_and_to_the_disk(database: Database) -> None:
    with database.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/full.sqlite")
    with database.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    row = {**ROW, "notes": ["x" * 100_000]}
    with pytest.raises(DiskFull), database.transaction() as connection:
        connection.execute(database.tables.images.insert().values(row))
    database.close()


def test_other_faults_are_not_hidden(database: Database) -> None:
    from sqlalchemy.exc import OperationalError

    with pytest.raises(OperationalError), database.transaction() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/later/x.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_plain_sqlite(database: Database, tmp_path: Path) -> None:
    with database.transaction() as connection:
        connection.execute(database.tables.images.insert().values(ROW))
    database.close()
    rows = sqlite3.connect(tmp_path / "data" / "convscope.sqlite").execute("SELECT id, width FROM images").fetchall()
    assert rows == [("a", 1)]
