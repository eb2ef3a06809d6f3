"""Which code a collection takes: the permissive one what the policy admits, the restricted one what that refuses."""

from dataclasses import dataclass

from attrib.detection import LicenseFinding
from attrib.policy import Policy
from index.collection import Collection


@dataclass(frozen=True, slots=True)
class Admission:
    """The rule of one collection.

    For its licence a source is refused whole by the permissive collection, never by the restricted one. File by file,
    each takes what the other does not: of any source, every file has its place in exactly one of them.
    """

    collection: Collection
    policy: Policy

    def source_refusal(self, package: LicenseFinding) -> str | None:
        """Return why no file of a source under this licence is taken; None where each is looked at."""
        return self._not_permissive(package) if self.collection is Collection.PERMISSIVE else None

    def file_refusal(self, file: LicenseFinding) -> str | None:
        """Return why a file under this licence, of a source that is not refused, is not taken; None where it is."""
        return self._not_permissive(file) if self.collection is Collection.PERMISSIVE else None

    def leaves(self, package: LicenseFinding, file: LicenseFinding) -> bool:
        """Tell whether a file under one licence, of a source under another, has its place in the other collection."""
        # Of a source that is refused whole, no file has a place elsewhere.
        return self.collection is Collection.RESTRICTED and not (
            self._not_permissive(package) or self._not_permissive(file)
        )

    def _not_permissive(self, finding: LicenseFinding) -> str | None:
        if self.policy.admits(finding.expression):
            return None
        if not finding.settled:
            return f"licence unknown: {finding.reason or finding.evidence}"
        return f"{finding.expression} is {finding.category.value}, not permissive ({finding.evidence})"
