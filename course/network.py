"""Whether the package index answers, and if not, what a reader can do."""

import ast
import http.client
import os
import ssl
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlsplit

PYPI = "https://pypi.org/simple"
PATIENCE = 10  # seconds for an answer


def index(python, uv=None):
    """Return the address of the index that uv or pip asks, or '' if none can be tried."""
    if uv:
        named = (os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"))
        return next(filter(None, named), PYPI)
    told = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    lines = (line.partition("=") for line in told.stdout.splitlines())
    settings = {name: _literal(value) for name, _, value in lines}

    def setting(name):
        keys = (f"{part}.{name}" for part in (":env:", "install", "global"))
        return next((settings[key] for key in keys if settings.get(key)), "")

    # pip may go through a proxy of its own, or nowhere.
    return "" if setting("proxy") or setting("no-index") else setting("index-url") or PYPI


def unreachable(address, *, certificates=False):
    """Return why nothing answers at an address, as a sentence with a remedy; '' if it does.

    Any answer will do, also "forbidden": pip may know a password or a certificate that we do
    not. With `certificates`, one that is refused is a reason too.
    """
    host = None
    try:
        host = urlsplit(address).hostname
        if host is None:  # a folder, or nothing to try
            return ""
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return ""
    except urllib.error.HTTPError:
        return ""
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLError):
        refused = (
            f"The certificate of {host} is refused. In a network that reads along, set "
            "PIP_CERT and SSL_CERT_FILE to the file of its certificate: ask who runs it."
        )
        return refused if certificates else ""
    said = f"no answer in {PATIENCE} seconds" if isinstance(reason, TimeoutError) else reason
    said = getattr(said, "strerror", None) or said
    if host and (proxy := _proxy(address)):
        return (
            f"No connection to {host} through the proxy {proxy} ({said}). Correct the variable "
            "https_proxy or the system's setting, or go without: unset https_proxy http_proxy."
        )
    return (
        f"No connection to {host or address} ({said}). The course fetches its packages once: "
        "connect to the internet and try again. Behind a proxy, set https_proxy to its address."
    )


def _proxy(address):
    """Return host and port of the proxy through which an address is asked, or ''."""
    parts = urlsplit(address)
    if urllib.request.proxy_bypass(parts.hostname):
        return ""
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    return proxy.rpartition("@")[2].rpartition("//")[2]  # without a password


def _literal(text):
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text
