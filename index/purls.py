"""Package URLs as names of sources: the name without its version, and which purls a pattern covers."""


def source_name(purl: str) -> str:
    """Return a purl without its version, qualifiers and subpath (purl specification, "Rules for each component")."""
    bare = purl.partition("#")[0].partition("?")[0]
    name, at, _ = bare.rpartition("@")
    return name if at and "/" in name else bare


def covers(pattern: str, purl: str) -> bool:
    """Tell whether a pattern names a purl.

    A pattern is a whole purl, one without its version, a namespace or type ending in `/` or `:`, or any prefix
    followed by `*`.
    """
    if pattern.endswith("*"):
        return purl.startswith(pattern[:-1])
    if not purl.startswith(pattern):
        return False
    return len(purl) == len(pattern) or pattern[-1:] in ("/", ":", "@") or purl[len(pattern)] in "@?#/"
