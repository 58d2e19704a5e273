"""Asks outlive the server that answered them."""

from app.engine.ask import Ask
from app.store.asks import AskStore
from app.store.database import Database

ASK = Ask(method="classify", model="tiny_vgg", image="0" * 64, params={"k": 5, "nested": [1, {"a": None}]})


def test_an_ask_survives_a_restart(database: Database) -> None:
    AskStore(database).put({"a" * 64: ASK})
    database.close()
    assert AskStore(database).get("a" * 64) == ASK


def test_an_ask_may_be_kept_twice(database: Database) -> None:
    first, second = AskStore(database), AskStore(database)
    for store in (first, first, second):
        store.put({"a" * 64: ASK})
        assert store.has("a" * 64)
    assert second.get("a" * 64) == ASK


def test_one_that_is_known_does_not_keep_others_out(database: Database) -> None:
    AskStore(database).put({"a" * 64: ASK})
    AskStore(database).put({"a" * 64: ASK, "b" * 64: ASK})
    assert AskStore(database).get("b" * 64) == ASK


def test_an_unknown_answer_has_no_ask(database: Database) -> None:
    store = AskStore(database)
    assert store.get("b" * 64) is None
    assert not store.has("b" * 64)
