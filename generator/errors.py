"""What can go wrong in generating code: one sentence each, with how to mend it."""


class GeneratorError(Exception):
    """Base of all errors of this package."""


class InvalidRequest(GeneratorError, ValueError):
    """A field of a GenerationRequest is out of range."""


class PromptTooLong(GeneratorError):
    """The prompt leaves no room for a single new token within the model's positions."""


class UnknownModel(GeneratorError):
    """No model goes by this name, neither embedded, nor a folder, nor on the hub."""


class MissingWeights(GeneratorError):
    """The model is known but its weights or tokenizer are not there, or cannot be read."""


class UnsafeWeights(GeneratorError):
    """The model could only be loaded by running code that comes with it (pickled weights, or its own Python)."""


class FillInMiddleUnsupported(GeneratorError):
    """The model's tokenizer has no fill-in-the-middle tokens."""


class DeviceUnavailable(GeneratorError):
    """The device or number format asked for does not exist on this machine."""


class OutOfMemory(GeneratorError):
    """The device ran out of memory; the request is lost, the generator goes on."""


class GeneratorBusy(GeneratorError):
    """So many requests wait already that another would wait too long; ask again later."""


class GenerationFailed(GeneratorError):
    """The model met an error that nobody expected; the request is lost, the generator goes on."""


class UpstreamError(GeneratorError):
    """A remote model server refused a request, answered nonsense, or could not be reached."""
