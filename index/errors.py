"""Everything the reference index can refuse, in one sentence each."""


class ReferenceIndexError(Exception):
    """Base of every error the index raises."""


class IncompatibleParameters(ReferenceIndexError):
    """A segment or catalogue was built with other parameters than those asked for."""


class DamagedSegment(ReferenceIndexError):
    """A segment file is cut short, altered, or of an unknown format version."""


class UnknownFormat(DamagedSegment):
    """A segment file is whole, but another version of Attrib wrote it in a format of its own."""


class IndexBusy(ReferenceIndexError):
    """Another process is writing to the same index."""


class UnknownSource(ReferenceIndexError):
    """No source of that purl is in the index."""


class UnusablePattern(ReferenceIndexError):
    """A text that was to name sources or a content names none."""


class UnknownOptOut(ReferenceIndexError):
    """Nothing was opted out under that pattern."""


class UnreadableOrigin(ReferenceIndexError):
    """Reference code could not be read from where it was said to be."""


class UnusableOutput(ReferenceIndexError):
    """The text to be searched cannot be read as code."""


class UnusablePublication(ReferenceIndexError):
    """A published index cannot be read or written, or does not go with the index that is to follow it."""


class FollowsPublication(ReferenceIndexError):
    """An index that follows a publication was to be changed by itself."""


class PostingsUnreachable(ReferenceIndexError):
    """The servers that keep the postings cannot be reached, or do not answer."""


class PostingsBusy(ReferenceIndexError):
    """Another process is loading postings into the same store."""


class UnusableStore(ReferenceIndexError):
    """The servers that keep the postings answer, but cannot take or keep them."""


class SparkFailed(ReferenceIndexError):
    """Spark is not there, or could not do what was asked of it."""
