"""The licence of every file of one source: its own word, its folder's licence file, the source's licence, in this order."""

from attrib.detection import LicenseFinding, detect_file_license, detect_package_license, folder_finding, settled, unsettled
from attrib.license_scope import folder_of, governs_everything, is_plain, vendored_in
from attrib.licenses import Category, category_of, license_ids
from index.origins.base import LegalFile, LegalKind, SourcePackage


class SourceLicenses:
    """Answers for the files of one package; `package` is the finding for the whole."""

    def __init__(self, package: SourcePackage) -> None:
        self.package: LicenseFinding = detect_package_license(package)
        self._legal = package.legal
        self._folders: dict[str, list[LegalFile]] = {}
        self._findings: dict[str, LicenseFinding] = {}
        for file in package.legal:
            if file.kind is LegalKind.LICENSE and is_plain(file.path) and not governs_everything(file.path):
                for folder in folder_of(file.path):
                    self._folders.setdefault(folder, []).append(file)

    def of(self, path: str, head: bytes) -> LicenseFinding:
        """Return the licence of one file, given its path and its first 12 kB or more.

        A file that calls itself permissive inside a source that is not, or names a licence its source does not, is unsettled or
        keeps its own, whichever asks for more.
        """
        around = self._around(path)
        own = detect_file_license(path, head)
        return around if own is None else _weighed(own, around)

    def legal_of(self, path: str) -> tuple[LegalFile, ...]:
        """Return the legal files that go with a file: its folder's licence where it has one, else the source's; NOTICEs always."""
        folder = self._folder(path)
        if folder is not None:
            notices = [file for file in self._legal if file.kind is LegalKind.NOTICE and file.path.startswith(folder + "/")]
            return (*self._folders[folder], *notices)
        return tuple(file for file in self._legal if folder_of(file.path) == ("",) and file.kind is not LegalKind.AUTHORS)

    def _folder(self, path: str) -> str | None:
        stem = path.rsplit(".", 1)[0]
        fitting = [folder for folder in self._folders if path.startswith(folder + "/") or stem == folder]
        return max(fitting, key=len, default=None)

    def _around(self, path: str) -> LicenseFinding:
        folder = self._folder(path)
        vendor = vendored_in(path)
        if folder is not None and (vendor is None or len(folder) > len(vendor)):
            if folder not in self._findings:
                self._findings[folder] = folder_finding(self._folders[folder])
            return self._findings[folder]
        if vendor is not None:
            return unsettled(f"vendored in {vendor}", f"it is vendored in {vendor} with no licence of its own beside it")
        return self.package


def _weighed(own: LicenseFinding, around: LicenseFinding) -> LicenseFinding:
    if own.candidates:
        return _narrowed(own, around)
    if not own.settled or not around.settled:
        return own
    if set(license_ids(own.expression)) <= set(license_ids(around.expression)):
        return around if " OR " in around.expression else own
    if own.category.strictness < around.category.strictness and around.category is not Category.PERMISSIVE:
        return unsettled(own.evidence, f"{own.evidence} says {own.expression}, but {around.evidence} says {around.expression}")
    return own


def _narrowed(own: LicenseFinding, around: LicenseFinding) -> LicenseFinding:
    """Resolve an ambiguous name in a file by the licence around it; where that is another one, nobody can say."""
    if not around.settled:
        return around
    meant = [license_id for license_id in license_ids(around.expression) if license_id in own.candidates]
    if not meant:
        return unsettled(own.evidence, f"{own.reason}, none of them the {around.expression} of {around.evidence}", own.candidates)
    if len(meant) == 1 and " OR " not in around.expression and category_of(meant[0]) is around.category:
        return settled(meant[0], f"{own.evidence}, made exact by {around.evidence}")
    return around
