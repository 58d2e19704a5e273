"""Settings come from the environment, and are checked."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings, user_data_folder


def test_the_environment_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVSCOPE_PORT", "9000")
    monkeypatch.setenv("CONVSCOPE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONVSCOPE_ALLOWED_HOSTS", '["a.example", "b.example"]')
    monkeypatch.setenv("CONVSCOPE_TOKEN", "secret")
    settings = Settings()
    assert (settings.port, settings.data_dir) == (9000, tmp_path)
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("name", ["PORT", "MAX_PIXELS", "MAX_UPLOAD_BYTES", "QUEUE_LENGTH", "UPLOADS_PER_SECOND"])
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"CONVSCOPE_{name}", "-1")
    with pytest.raises(ValidationError):
        Settings()


def test_storage_lies_in_the_data_folder_unless_told(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path.as_posix()}/convscope.sqlite"
    assert settings.blobs == str(tmp_path / "blobs")
    other = Settings(data_dir=tmp_path, database_url="postgresql://x/y", blob_url="s3://bucket/folder")
    assert (other.database, other.blobs) == ("postgresql://x/y", "s3://bucket/folder")


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux", "/data/convscope"), ("darwin", "Library/Application Support/convscope"), ("win32", "convscope")],
)
def test_the_data_folder_is_the_systems(monkeypatch: pytest.MonkeyPatch, platform: str, expected: str) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert user_data_folder().as_posix().endswith(expected)
