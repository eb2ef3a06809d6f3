"""The licence of every file of one source: its own word, else its folder's licence file, else the source's."""

from dataclasses import replace

from attrib.detection import (
    LicenseFinding,
    detect_file_license,
    detect_package_license,
    folder_finding,
    settled,
    stated_finding,
    unsettled,
)
from attrib.license_finding import MADE_EXACT
from attrib.license_scope import governed_folders, governs_everything, legal_files_for, nearest_folder
from attrib.licenses import HARMLESS, category_of, license_ids
from attrib.second_opinion import NAME, SecondOpinion, less_permissive
from index.origins.base import DeclaredLicense, LegalFile, Precedence, SourcePackage
from index.vendoring import vendored_in


class SourceLicenses:
    """Answers for the files of one package; `package` is the finding for the whole.

    What a second opinion takes for less permissive than we do is unsettled.
    """

    def __init__(self, package: SourcePackage, opinion: SecondOpinion | None = None) -> None:
        """Raise NoSecondOpinion where one is asked that does not answer."""
        self._opinions = opinion.of(package) if opinion else {}
        self.package: LicenseFinding = detect_package_license(package)
        if opinion:
            main = [file.path for file in package.legal if governs_everything(file.path)]
            self.package = _agreed(self.package, [self._opinions[path] for path in main if path in self._opinions])
        self._legal = package.legal
        self._folders = governed_folders(package.legal)
        self._findings: dict[str, LicenseFinding] = {}
        self._of_statements: dict[tuple[DeclaredLicense, ...], LicenseFinding] = {}

    def of(self, path: str, head: bytes, declared: tuple[DeclaredLicense, ...] = ()) -> LicenseFinding:
        """Return the licence of one file, given its path, its first 12 kB or more, and what metadata says of it alone.

        A file's own word wins over what is said of it, and that over its folder's and its source's; unless it is milder
        than one that is not permissive: that is unsettled.
        """
        found = self._found(path, head, declared)
        return _agreed(found, [self._opinions[path]]) if path in self._opinions else found

    def _found(self, path: str, head: bytes, declared: tuple[DeclaredLicense, ...]) -> LicenseFinding:
        around = self._around(path)
        own = detect_file_license(path, head)
        if not declared:
            return around if own is None else _weighed(own, around)
        stated, precedence = self._stated(declared), declared[0].precedence
        if own is not None and precedence is not Precedence.CLOSEST:
            return _overridden(own, stated) if precedence is Precedence.OVERRIDE else _joined(own, stated)
        around = _weighed(stated, around)
        return around if own is None else _weighed(own, around)

    def _stated(self, declared: tuple[DeclaredLicense, ...]) -> LicenseFinding:
        if declared not in self._of_statements:
            self._of_statements[declared] = stated_finding(declared)
        return self._of_statements[declared]

    def legal_of(self, path: str) -> tuple[LegalFile, ...]:
        """Return the legal files that go with a file."""
        return legal_files_for(self._legal, path)

    def _around(self, path: str) -> LicenseFinding:
        folder = nearest_folder(self._folders, path)
        vendor = vendored_in(path)
        if folder is not None and (vendor is None or len(folder) > len(vendor)):
            if folder not in self._findings:
                self._findings[folder] = folder_finding(self._folders[folder])
            return self._findings[folder]
        if vendor is not None:
            return unsettled(
                f"vendored in {vendor}", f"it is vendored in {vendor} with no licence of its own beside it"
            )
        return self.package


def _agreed(found: LicenseFinding, opinions: list[str]) -> LicenseFinding:
    """Return our finding where a second opinion is no stricter, else that nobody can say."""
    stricter = next((one for one in opinions if less_permissive(one)), None)
    if stricter is None or less_permissive(found.expression) or not found.settled:
        return replace(found, evidence=f"{found.evidence}; {NAME} asked") if opinions else found
    return unsettled(
        f"{found.evidence}; {NAME}",
        f"{found.evidence} says {found.expression}, but {NAME} says {stricter}",
        places=found.places,
    )


def _weighed(own: LicenseFinding, around: LicenseFinding) -> LicenseFinding:
    if own.candidates:
        return _narrowed(own, around)
    if not own.settled or not around.settled:
        return own
    if set(license_ids(own.expression)) <= set(license_ids(around.expression)):
        return around if " OR " in around.expression else own
    if own.category in HARMLESS and around.category not in HARMLESS:
        return _disputed(own, around)
    return own


def _overridden(own: LicenseFinding, stated: LicenseFinding) -> LicenseFinding:
    """Return what is said of a file in place of what it says, unless that would take a copyleft away."""
    return _disputed(stated, own) if stated.category in HARMLESS and own.category not in HARMLESS else stated


def _joined(own: LicenseFinding, stated: LicenseFinding) -> LicenseFinding:
    """Return what a file says together with what is said of it."""
    if not own.settled or not stated.settled:
        return stated if own.settled else own
    evidence = f"{own.evidence} and {stated.evidence}"
    return settled(
        f"({own.expression}) AND ({stated.expression})",
        evidence,
        None,
        min(own.confidence, stated.confidence),
        own.places + stated.places,
    )


def _disputed(own: LicenseFinding, around: LicenseFinding) -> LicenseFinding:
    return unsettled(
        own.evidence,
        f"{own.evidence} says {own.expression}, but {around.evidence} says {around.expression}",
        places=own.places + around.places,
    )


def _narrowed(own: LicenseFinding, around: LicenseFinding) -> LicenseFinding:
    """Resolve an ambiguous name in a file by the licence around it; where that is another one, nobody can say."""
    if not around.settled:
        return around
    meant = [license_id for license_id in license_ids(around.expression) if license_id in own.candidates]
    if not meant:
        return unsettled(
            own.evidence, f"{own.reason}, none of them the {around.expression} of {around.evidence}", own.candidates
        )
    if len(meant) == 1 and " OR " not in around.expression and category_of(meant[0]) is around.category:
        return settled(
            meant[0], f"{own.evidence}, made exact by {around.evidence}", None, MADE_EXACT, own.places + around.places
        )
    return around
