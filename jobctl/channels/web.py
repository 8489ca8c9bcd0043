"""One request to a web server, and every way it can go wrong in a sentence."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import IO

from jobctl import __version__
from jobctl.channels.interface import ChannelProblem

_SAID = 300  # characters of an answer that an error quotes
_PAGES = ("text/html", "application/xhtml+xml")


def request(url: str, timeout: float, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> None:
    """GET, or POST where there is a body. ChannelProblem: any answer but 2xx, or none. A redirection is one too:
    following it would turn a POST into a GET, and a portal that asks for a login would count as having heard."""
    if not url.startswith(("http://", "https://")):
        raise ChannelProblem("the url must begin with http:// or https://")
    told = {"User-Agent": f"jobctl/{__version__}", **(headers or {})}
    try:
        asked = urllib.request.Request(url, data=body, headers=told)
        with _opener().open(asked, timeout=timeout):
            pass
    except urllib.error.HTTPError as error:
        raise ChannelProblem(f"the server answered {error.code} {error.reason}{_quoted(error)}") from None
    except urllib.error.URLError as error:
        raise ChannelProblem(f"the server cannot be reached: {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ChannelProblem(f"the server gave no answer: {str(error) or type(error).__name__}") from None


@cache
def _opener() -> urllib.request.OpenerDirector:
    """Certificates are read once, not for each request."""
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    return urllib.request.build_opener(_NoRedirections, secure)


def _quoted(error: urllib.error.HTTPError) -> str:
    """The beginning of what the server said, where it can be had and is no page for a browser. A word that is cut is
    left out: half a secret would not be masked."""
    if error.headers.get_content_type() in _PAGES:
        error.close()
        return ""
    try:
        with error:
            read = error.read(_SAID)
    except (OSError, http.client.HTTPException):
        return ""
    text = read.decode(errors="replace")
    said = (text.rpartition(text.split()[-1])[0] if len(read) == _SAID and text.strip() else text).strip()
    return f": {said}" if said else ""


class _NoRedirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        return None
