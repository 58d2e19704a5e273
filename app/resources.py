"""Files that are not Python: templates, samples and the built page, installed or in a checkout."""

from pathlib import Path

PACKAGED = Path(__file__).parent / "data"
CHECKOUT = Path(__file__).parent.parent


def resource(name: str) -> Path:
    """Where a file or folder is that ships with the project, such as `templates` or `static/build`.

    A wheel carries them inside the package; a checkout keeps them at its top.
    """
    packaged = PACKAGED / name
    return packaged if packaged.exists() else CHECKOUT / name
