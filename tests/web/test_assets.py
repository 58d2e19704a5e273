"""The tags that a page needs for an entry, from Vite's manifest."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.web.assets import Assets, PageNotBuilt

MANIFEST: dict[str, Any] = {
    "src/explore.ts": {
        "file": "assets/explore-1.js",
        "isEntry": True,
        "imports": ["_a.js", "_b.js"],
        "css": ["assets/e.css"],
    },
    "_a.js": {"file": "assets/a-1.js", "imports": ["_b.js"], "css": ["assets/shared.css"]},
    "_b.js": {"file": "assets/b-1.js", "imports": ["_a.js"], "css": ["assets/shared.css"]},
    "src/lazy.ts": {"file": "assets/lazy-1.js", "isDynamicEntry": True},
}


def write(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_styles_come_first_then_preloads_then_the_script(tmp_path: Path) -> None:
    write(tmp_path, MANIFEST)
    assert Assets(tmp_path).vite("src/explore.ts").splitlines() == [
        '<link rel="stylesheet" href="/static/build/assets/shared.css">',
        '<link rel="stylesheet" href="/static/build/assets/e.css">',
        '<link rel="modulepreload" href="/static/build/assets/b-1.js">',
        '<link rel="modulepreload" href="/static/build/assets/a-1.js">',
        '<script type="module" src="/static/build/assets/explore-1.js"></script>',
    ]


def test_what_is_imported_soon_is_fetched_beside_the_script(tmp_path: Path) -> None:
    write(tmp_path, MANIFEST)
    tags = Assets(tmp_path).vite("src/explore.ts", "src/lazy.ts").splitlines()
    assert '<link rel="modulepreload" href="/static/build/assets/lazy-1.js">' in tags
    assert tags[-1] == '<script type="module" src="/static/build/assets/explore-1.js"></script>'
    with pytest.raises(PageNotBuilt, match=r"no entry src/none.ts"):
        Assets(tmp_path).vite("src/explore.ts", "src/none.ts")


def test_a_name_cannot_leave_its_attribute(tmp_path: Path) -> None:
    write(tmp_path, {"src/explore.ts": {"file": 'assets/"><script>alert(1)</script>.js'}})
    tags = Assets(tmp_path).vite("src/explore.ts")
    assert tags.count("<script") == 1
    assert "&quot;&gt;&lt;script&gt;" in tags


def test_a_new_build_is_seen(tmp_path: Path) -> None:
    write(tmp_path, MANIFEST)
    assets = Assets(tmp_path)
    assert "explore-1.js" in assets.vite("src/explore.ts")
    write(tmp_path, {"src/explore.ts": {"file": "assets/explore-2.js"}})
    os.utime(tmp_path / "manifest.json", (1, 1))
    assert assets.vite("src/explore.ts") == '<script type="module" src="/static/build/assets/explore-2.js"></script>'


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(PageNotBuilt, match=r"The page is not built: .*manifest\.json is missing. `python3 dev.py run`"):
        Assets(tmp_path).vite("src/explore.ts")
    write(tmp_path, MANIFEST)
    with pytest.raises(PageNotBuilt, match=r"no entry src/labs.ts; it has src/explore.ts, "):
        Assets(tmp_path).vite("src/labs.ts")
