"""A client of Attrib's API, for threads and for asyncio; it needs neither an index nor a model on its own machine.

with Client("http://127.0.0.1:8000", key="...") as attrib:
    answer = attrib.check(code, path="walk.py")
"""

from attrib.client.answers import BatchAnswer, Check, Generation
from attrib.client.asynchronous import AsyncClient
from attrib.client.calls import BatchItem, GenerateOptions
from attrib.client.errors import ApiError, ClientError, Problem, Unreachable
from attrib.client.events import ChoiceEvent, DoneEvent, MatchEvent, TextEvent
from attrib.client.retries import Retries
from attrib.client.synchronous import Client

__all__ = (
    "ApiError",
    "AsyncClient",
    "BatchAnswer",
    "BatchItem",
    "Check",
    "ChoiceEvent",
    "Client",
    "ClientError",
    "DoneEvent",
    "GenerateOptions",
    "Generation",
    "MatchEvent",
    "Problem",
    "Retries",
    "TextEvent",
    "Unreachable",
)
