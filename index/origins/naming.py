"""What a person says of a source: its package URL and its licence, where its own files do not."""

from packageurl import PackageURL

from index.errors import UnreadableOrigin
from index.origins.base import DeclaredLicense

GIVEN = "licence given"


def checked_purl(purl: str) -> str:
    """Return a package URL in its canonical form; raises UnreadableOrigin where it is none."""
    try:
        return PackageURL.from_string(purl).to_string()
    except ValueError as error:
        raise UnreadableOrigin(f"{purl!r} is no package URL: write it as pkg:type/name@version.") from error


def given_license(license: str | None) -> tuple[DeclaredLicense, ...]:
    """Return what a person declares the licence to be, as the metadata would say it."""
    return () if license is None else (DeclaredLicense(GIVEN, license),)


def package_url(type: str, name: str, version: str | None) -> str:
    """Return the package URL of a package that metadata names; an npm scope becomes its namespace."""
    namespace, _, plain = name.rpartition("/") if type == "npm" else ("", "", name)
    return PackageURL(type=type, namespace=namespace or None, name=plain, version=version).to_string()
