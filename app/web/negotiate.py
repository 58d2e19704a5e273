"""Which of several media types a caller prefers, by RFC 9110's Accept."""

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The offered type that Accept likes best, the first of equals; None where it takes none of them."""
    ranges = [parse_range(part) for part in accept.split(",") if part.strip()]
    best, best_quality = None, 0.0
    for kind in offered:
        # The most specific range that fits decides: exact before type/* before */*.
        fitting = [(specificity(pattern), quality) for pattern, quality in ranges if fits(kind, pattern)]
        quality = max(fitting, default=(0, 0.0))[1]
        if quality > best_quality:
            best, best_quality = kind, quality
    return best


def named(accept: str, kind: str) -> bool:
    """Whether Accept names a media type itself, and takes it: only who knows it says so."""
    return any(pattern == kind and quality > 0 for pattern, quality in map(parse_range, accept.split(",")))


def parse_range(text: str) -> tuple[str, float]:
    """One media range with its quality; a quality that is no number counts as 0."""
    pattern, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return pattern.lower(), min(1.0, max(0.0, float(value)))
            except ValueError:
                return pattern.lower(), 0.0
    return pattern.lower(), 1.0


def fits(kind: str, pattern: str) -> bool:
    """Whether a media type lies in a media range."""
    return pattern in ("*/*", kind, f"{kind.partition('/')[0]}/*")


def specificity(pattern: str) -> int:
    """How exactly a media range speaks."""
    return 0 if pattern == "*/*" else 1 if pattern.endswith("/*") else 2
