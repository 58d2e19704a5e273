"""AskStore: what each answer was asked as, so that an answer's link outlives its numbers."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from app.engine.ask import Ask
from app.store.database import Database

REMEMBERED = 65536


class AskStore:
    """Asks by their answer's id. For many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, answer_id: str) -> bool:
        """Whether this object kept the ask lately; never waits for the database."""
        with self._lock:
            return answer_id in self._kept

    def put(self, asks: Mapping[str, Ask]) -> None:
        """Keeps asks by their answer's id, in one transaction; again is nothing."""
        from sqlalchemy.exc import IntegrityError

        rows = [{"answer": answer_id, "ask": ask.model_dump(mode="json")} for answer_id, ask in asks.items()]
        try:
            self._insert(rows)
        except IntegrityError:
            # Some were kept before this server started, or by another server just now.
            for row in rows:
                with contextlib.suppress(IntegrityError):
                    self._insert([row])
        with self._lock:
            self._kept.update(dict.fromkeys(asks))
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self._database.transaction() as connection:
            connection.execute(self._database.tables.asks.insert(), rows)

    def get(self, answer_id: str) -> Ask | None:
        """The ask of an answer, or None where it was never asked."""
        asks = self._database.tables.asks
        with self._database.transaction() as connection:
            found = connection.execute(asks.select().where(asks.c.answer == answer_id)).one_or_none()
        return None if found is None else Ask.model_validate(found.ask)
