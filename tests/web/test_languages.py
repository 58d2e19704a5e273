"""The language of the page: from its address, from the browser, or English."""

import httpx
import pytest

from app.web.languages import languages, preferred, texts


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,en-GB;q=0.7,de;q=0.3", "en"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("fr-CH, tlh", "en"),
        ("de;q=0, *", "en"),
        ("de;q=nonsense", "en"),
        ("DE_de;;;,,=;q", "en"),
    ],
)
def test_the_browser_is_heard(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_each_language_has_the_same_texts_for_the_server() -> None:
    assert {"de", "en"} <= set(languages())
    assert all(texts(language, "server").keys() == texts("en", "server").keys() for language in languages())


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "en-US", "en"),
        ("", "de-DE", "de"),
        ("?lang=de", "en-US", "de"),
        ("?lang=tlh", "de", "de"),
        ("?lang=../en", "", "en"),
    ],
)
def test_the_page_is_in_the_language_that_was_asked_for(
    http: httpx.Client, query: str, accepted: str, language: str
) -> None:
    answer = http.get(f"/{query}", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert texts(language, "server")["noscript"] in answer.text
    other = "en" if language == "de" else "de"
    assert texts(language, "frame")["help"] in answer.text
    assert texts(other, "frame")["help"] not in answer.text
