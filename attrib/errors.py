"""Everything Attrib can refuse, in one sentence each."""


class AttribError(Exception):
    """Base of every error whose message may be shown to a user as it is."""


class UnreadableInput(AttribError):
    """A file, folder or text that was given cannot be read or used."""


class ConfigurationError(AttribError):
    """Settings are wrong; the message lists every mistake."""


class DatabaseError(AttribError):
    """The database cannot be used as it is."""


class EmptyIndex(AttribError):
    """The reference index has nothing in it yet."""


class TooManyChecks(AttribError):
    """As many checks are at work, or wait, as there is room for."""


class CheckTimedOut(AttribError):
    """A check was not done within its time, so nothing is known of what was to be checked."""


class NoSuchRecord(AttribError):
    """No record of that id is stored."""


class DeletedRecord(AttribError):
    """There was a record of that id, and it was deleted or has expired."""


class NoSuchAudit(NoSuchRecord):
    """No audit of that id is stored."""


class NoSuchFinding(NoSuchRecord):
    """An audit has no finding of that fingerprint."""


class AuditQueueFull(AttribError):
    """As many audits wait as the queue holds."""


class UnknownLicense(AttribError):
    """A text given as a licence is no SPDX expression and cannot be brought to one."""


class NoSecondOpinion(AttribError):
    """The program that is asked for a second opinion on licences is not there, or does not answer."""


class KeyRefused(AttribError):
    """A key that was shown opens nothing."""


class PathNotAllowed(AttribError):
    """A path of the server may not be audited by those who ask from elsewhere."""


class NoSuchKey(AttribError):
    """No API key has that id or name."""
