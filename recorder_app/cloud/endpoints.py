"""What an endpoint setting means."""

import re
from urllib.parse import SplitResult, urlsplit

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_USUAL_PORTS = {"http": 80, "https": 443}


def base_url(endpoint: str) -> str:
    """Return scheme and host of an endpoint, in lower case and without the usual port.

    ``endpoint`` is a host, host:port, or base URL; without a scheme it is https. Raises ValueError for
    anything else, and for http to another machine: calls carry user signatures, which must not be read on
    the way. Source: page "Request structure" (HTTPS only, path "/").
    """
    url = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    is_plain = re.fullmatch(r"[\w.:\[\]-]+", url.netloc, re.ASCII) and endpoint.isprintable()
    if url.scheme not in _USUAL_PORTS or not url.hostname or not is_plain:
        raise ValueError(f"The endpoint {endpoint!r} is neither a host name nor an http(s) address.")
    if url.path not in ("", "/") or url.query or url.fragment:
        raise ValueError(
            f"The endpoint {endpoint!r} has to be a host, with a port if need be, and nothing more."
        )
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError(
            f"The endpoint {endpoint!r} has to use https: http is for a sandbox on this machine."
        )
    return f"{url.scheme}://{host_of(url)}"


def host_of(url: SplitResult) -> str:
    """Return the Host header that belongs to a URL: with the port only where it is not the usual one."""
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    if url.port in (None, _USUAL_PORTS.get(url.scheme)):
        return host
    return f"{host}:{url.port}"
