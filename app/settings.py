"""Everything that can be set, each by an environment variable that begins with CONVSCOPE_."""

import os
import sys
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.onnx.limits import Limits

MEBIBYTE = 1 << 20


def user_data_folder() -> Path:
    """Where this user's programs keep their data on this system."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "convscope"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "convscope"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "convscope"


class Settings(BaseSettings):
    """The server's settings. `CONVSCOPE_PORT=9000` sets `port`, and so on."""

    model_config = SettingsConfigDict(env_prefix="CONVSCOPE_", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on. Beyond loopback a token is asked for.")
    port: int = Field(8000, ge=0, le=65535)
    token: SecretStr | None = Field(None, description="What callers must show; made up where one is needed.")
    allowed_hosts: tuple[str, ...] = Field((), description="Further names that this server is reached by.")

    data_dir: Path = Field(default_factory=user_data_folder, description="Uploads and what is known of them.")
    database_url: str | None = Field(None, description="SQLAlchemy URL; SQLite in the data folder by default.")
    blob_url: str | None = Field(None, description="fsspec URL; a folder in the data folder by default.")

    default_model: str = "tiny_vgg"
    max_upload_bytes: int = Field(64 * MEBIBYTE, gt=0, description="Largest body of an upload.")
    max_pixels: int = Field(50_000_000, gt=0, description="Most pixels of a picture.")
    uploads_per_second: float = Field(10.0, gt=0, description="Uploads of one client in the long run.")
    uploads_at_once: int = Field(40, gt=0, description="Uploads that one client may make in a burst.")
    passing_per_second: float = Field(120.0, gt=0, description="Pictures sent with keep=false, of one client.")
    passing_at_once: int = Field(240, gt=0, description="The same, in a burst.")
    passing_per_client: int = Field(64, gt=0, description="The same, held in memory at once; the oldest is dropped.")
    passing_bytes: int = Field(64 * MEBIBYTE, gt=0, description="Memory for pictures of all clients that aren't kept.")
    asks_per_second: float = Field(200.0, gt=0, description="Asks of one client by HTTP in the long run.")
    asks_at_once: int = Field(400, gt=0, description="Asks that one client may make by HTTP in a burst.")

    max_model_bytes: int = Field(1024 * MEBIBYTE, gt=0, description="Largest file of a network that is brought.")
    max_model_nodes: int = Field(5_000, gt=0, description="Most operations of such a network.")
    max_model_tensors: int = Field(20_000, gt=0, description="Most tensors that its file holds.")
    max_model_memory: int = Field(6144 * MEBIBYTE, gt=0, description="Memory for all values of one pass of it.")
    max_model_macs: int = Field(200_000_000_000, gt=0, description="Multiply-adds of one pass of it.")

    stream_connections: int = Field(1024, gt=0, description="Streams that may be open at once.")
    stream_messages_per_second: float = Field(1000.0, gt=0, description="Messages of one stream in the long run.")
    stream_stall_seconds: float = Field(30.0, gt=0, description="How long a stream may acknowledge nothing.")

    training_runs: int = Field(2, gt=0, description="Runs that train at once; others wait for their turn.")
    training_threads: int | None = Field(None, gt=0, description="Threads of each; one core is left by default.")

    workers: int | None = Field(None, gt=0, description="Asks that run at once; chosen from the cores by default.")
    cache_bytes: int = Field(512 * MEBIBYTE, ge=0, description="Memory for answers that are kept.")
    ask_bytes: int = Field(2048 * MEBIBYTE, gt=0, description="Memory that one ask may take.")
    queue_length: int = Field(1024, gt=0, description="Asks that may wait.")

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'convscope.sqlite').as_posix()}"

    @property
    def model_limits(self) -> Limits:
        """How large a network may be that somebody brings."""
        return Limits(
            file_bytes=self.max_model_bytes,
            nodes=self.max_model_nodes,
            tensors=self.max_model_tensors,
            memory_bytes=self.max_model_memory,
            macs=self.max_model_macs,
        )

    @property
    def fetched(self) -> Path:
        """The folder of weights that were fetched from their publishers."""
        return self.data_dir / "weights"

    @property
    def training_environment(self) -> dict[str, str]:
        """What a process that trains is told."""
        threads = self.training_threads
        return {} if threads is None else {"CONVSCOPE_TRAINING_THREADS": str(threads)}

    @property
    def runs(self) -> Path:
        """The folder of the runs."""
        return self.data_dir / "runs"

    @property
    def converted(self) -> Path:
        """The folder of local weights as they are mapped into memory."""
        return self.data_dir / "converted"

    @property
    def blobs(self) -> str:
        """The fsspec URL, or the folder, of the blobs."""
        return self.blob_url or str(self.data_dir / "blobs")
