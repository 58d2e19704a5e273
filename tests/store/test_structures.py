"""Drawings of networks outlive the server, as long as what they are made by stays as it is."""

from pathlib import Path
from unittest import mock

import pytest

from app.store.blobs import FolderBlobs
from app.store.models import ModelStore
from app.store.structures import Structures

FAILS = mock.patch("app.store.structures.summary", side_effect=AssertionError("it was drawn again"))


def test_a_drawing_outlives_the_server(tmp_path: Path) -> None:
    drawn = Structures(ModelStore(), FolderBlobs(tmp_path)).outline("lenet5")
    with FAILS:
        assert Structures(ModelStore(), FolderBlobs(tmp_path)).outline("lenet5") == drawn
        assert Structures(ModelStore(), FolderBlobs(tmp_path)).known() == {"lenet5": drawn}


def test_it_is_made_anew_where_what_makes_it_has_changed(tmp_path: Path) -> None:
    Structures(ModelStore(), FolderBlobs(tmp_path)).outline("lenet5")
    again = Structures(ModelStore(), FolderBlobs(tmp_path))
    with mock.patch("app.store.structures.code_digest", return_value="other"):
        assert again.known() == {}
        with FAILS, pytest.raises(AssertionError, match="drawn again"):
            again.outline("lenet5")


def test_what_was_cut_on_the_disk_is_made_anew(tmp_path: Path) -> None:
    drawn = Structures(ModelStore(), FolderBlobs(tmp_path)).outline("lenet5")
    kept = tmp_path / "outlines" / "lenet5.json"
    kept.write_bytes(kept.read_bytes()[:50])
    assert Structures(ModelStore(), FolderBlobs(tmp_path)).outline("lenet5") == drawn
