"""Downloading a price list, when somebody asks for it. Nothing else in the library touches the network."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from llm_tradeoffs.errors import InvalidValueError, PriceSourceError
from llm_tradeoffs.money import exact
from llm_tradeoffs.pricing._data import PriceData
from llm_tradeoffs.pricing._json import JsonData

__all__ = ["FileSource", "fetch"]

_MAX_BYTES: Final = 64 * 1024 * 1024  # the largest list today has 4 MB
_CHUNK: Final = 64 * 1024
_SCHEMES: Final = ("http", "https")


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where the web is: never to a file."""

    def redirect_request(  # noqa: PLR0917 - the signature that urllib calls
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in _SCHEMES:
            raise urllib.error.URLError(f"it redirects to {newurl!r}, which is not on the web")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    # Not build_opener(): that one also opens files, FTP and data URLs.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _WebOnly(),
    ):
        opener.add_handler(handler)
    return opener


def fetch(url: str, *, timeout: float) -> bytes:
    """
    What is at *url*, at most 64 MiB of it.

    Args:
        url: An address that begins with ``https://`` or ``http://``.
        timeout: How long to wait for the connection, for each part of the answer and for all of its parts. [s]

    Raises:
        PriceSourceError: It could not be fetched, for whatever reason, or nothing came.
        InvalidValueError: *timeout* is not above 0.
    """
    seconds = float(exact(timeout, "timeout"))
    if seconds <= 0:
        raise InvalidValueError(f"timeout is {timeout!r}; say how many seconds to wait, such as 10.")
    if not url.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES)):
        raise PriceSourceError(f"{url!r} cannot be fetched: only http:// and https:// addresses are.")
    deadline = time.monotonic() + seconds
    try:
        request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "llm-tradeoffs"})
        with _opener().open(request, timeout=seconds) as response:
            announced = response.headers.get("Content-Length")
            parts: list[bytes] = []
            size = 0
            while part := response.read1(_CHUNK):
                parts.append(part)
                size += len(part)
                if size > _MAX_BYTES:
                    raise PriceSourceError(f"{url} cannot be fetched: it is larger than {_MAX_BYTES:,} bytes.")
                if time.monotonic() > deadline:
                    raise TimeoutError
    except TimeoutError as error:
        raise PriceSourceError(f"{url} cannot be fetched: it took longer than {seconds:g} s.") from error
    except urllib.error.HTTPError as error:
        error.close()
        raise PriceSourceError(f"{url} cannot be fetched: the server answered {error.code} {error.reason}.") from error
    except urllib.error.URLError as error:
        reason = f"it took longer than {seconds:g} s" if isinstance(error.reason, TimeoutError) else error.reason
        raise PriceSourceError(f"{url} cannot be fetched: {reason}.") from error
    except PriceSourceError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PriceSourceError(f"{url} cannot be fetched: {error or type(error).__name__}.") from error
    if announced is not None and announced.isdigit() and size != int(announced):
        raise PriceSourceError(f"{url} cannot be fetched: only {size:,} of {int(announced):,} bytes came.")
    if not size:
        raise PriceSourceError(f"{url} cannot be fetched: the answer is empty.")
    return b"".join(parts)


class FileSource(ABC):
    """A source that reads one file, given or downloaded."""

    __slots__ = ()
    url: ClassVar[str]
    """Where the newest file is."""

    @abstractmethod
    def __init__(self, data: JsonData) -> None: ...

    @abstractmethod
    def read(self) -> PriceData:
        """
        Everything that the file states.

        Raises:
            PriceSourceError: It cannot be read.
        """

    @classmethod
    def fetched(cls, *, timeout: float, url: str | None = None) -> Self:
        """
        The prices of today, downloaded and read once to be sure of them.

        Args:
            timeout: How long to wait for the connection, for each part of the answer and for all of its parts. [s]
            url: Where the file is; None for :attr:`url`.

        Raises:
            PriceSourceError: It could not be fetched, or not be read.
        """
        made = cls(fetch(cls.url if url is None else url, timeout=timeout))
        made.read()
        return made
