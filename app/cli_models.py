"""`convscope models`: the catalogue from the command line, the networks that people brought among them."""

import sys

from app.settings import Settings
from app.store.models import ModelStore
from app.web.services import DataFolderError, open_own


def open_store(settings: Settings | None = None) -> ModelStore:
    """The catalogue that a server with these settings has."""
    settings = settings or Settings()
    try:
        return ModelStore(open_own(settings), settings.model_limits)
    except DataFolderError as error:
        sys.exit(str(error))
