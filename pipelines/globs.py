"""Patterns of names as people write them, for SQL."""


def like(glob: str) -> str:
    """Translate a glob into a LIKE pattern with the escape character `!`.

    >>> like("/basket*"), like("100%_?")
    ('/basket%', '100!%!__')
    """
    escaped = "".join(f"!{character}" if character in "!%_" else character for character in glob)
    return escaped.replace("*", "%").replace("?", "_")
