"""The only way out of the process for connections (security.md §3 item 27).

A company types the address, so it is a stranger's: https on 443 or 8443, resolved once, every address it has must be
public, and the connection goes to that very address with the certificate checked for the name. No redirects, no
proxy from the environment, ten seconds, 5 MB. Hosts of the intranet are the operator's word alone
(INTEGRATION_INTRANET). The check sits where the socket is opened, so nothing that speaks http here can pass beside it.
"""

from __future__ import annotations

import json
import math
import re
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import certifi
import httpcore
import stamina
from django.conf import settings
from django.utils import timezone

from .adapters.base import AdapterBroken, Answer, NeedsReconnect, Request, RetryLater
from .adapters.values import finite, storable
from .addresses import PUBLIC_PORTS, Address, Intranet, is_public, literal, may_be_intranet

SECONDS = 10  # of one answer, from looking up the name to the last byte
BODY_BYTES = 5 * 1024 * 1024
ATTEMPTS, ATTEMPTS_SECONDS = 4, 30.0  # of one page, within a job's lease
WAITED_HERE = timedelta(seconds=5)  # a longer Retry-After puts the job off instead of holding a worker
LONGEST_RETRY_AFTER = timedelta(hours=1)
CHUNK = 64 * 1024

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_CHINESE = re.compile(r"charset\s*=\s*\"?gb", re.IGNORECASE)
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|\x00")

Resolve = Callable[[str, int], Sequence[str]]


class Reach:
    """`Outside` for one company. Holds connections open between pages and lets go of them with itself.

    `within`: so many seconds from now on all that is asked must be answered, for a person who waits. `per_minute`: so
    often it asks at most, evenly; a person's few questions are not held up. `resolve` and `network` are how names
    become addresses and addresses connections, `trust` the certificates.
    """

    def __init__(
        self,
        tenant_slug: str,
        *,
        intranet: Iterable[str] = (),
        within: float | None = None,
        per_minute: int | None = None,
        resolve: Resolve | None = None,
        network: httpcore.NetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = timezone.now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._intranet = Intranet.of(tenant_slug, intranet)
        self._time = _Time(within)
        self._clock = clock
        self._pace = _Pace(60 / per_minute if per_minute and within is None else 0.0, sleep)
        self._guard = _Guard(self._intranet, self._time, resolve or addresses_of, network or httpcore.SyncBackend())
        pool = httpcore.ConnectionPool(
            ssl_context=trust or _trust(), max_connections=1, keepalive_expiry=5.0, network_backend=self._guard
        )
        self._pool = pool
        self.close = weakref.finalize(self, pool.close)

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """The parsed body of one GET, tried again for a short while where that may help. Raises RetryLater,
        NeedsReconnect, AdapterBroken, whose words never hold a piece of the body, the query or a header."""
        return self.ask(Request(url, params, headers)).body

    def ask(self, request: Request) -> Answer:
        """One question and its answer, under the same rules. What is sent is asked again where the answer was lost."""
        target = self._target(request.url, request.params)
        for attempt in stamina.retry_context(
            on=self._worth_another,
            attempts=ATTEMPTS,
            timeout=ATTEMPTS_SECONDS,
            wait_initial=0.5,
            wait_max=4,
            wait_jitter=0.5,
        ):
            with attempt:
                return self._once(target, request)
        raise AssertionError("the last attempt raises")  # pragma: no cover

    def look_at(self, url: str) -> None:
        """Whether such an address may be asked at all, without looking up its name. Raises NeedsReconnect."""
        self._target(url, {})

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> int:
        """The status of one POST, tried once: whoever sends puts it off. Redirects are answers like any other. Raises
        RetryLater and NeedsReconnect where there is no answer."""
        return self.send("POST", url, params={}, headers=headers, body=body)[0]

    def send(
        self, method: str, url: str, *, params: Mapping[str, str], headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, str]:
        """The same with any method, and what was answered as text: "" where that is no text, or too much."""
        target = self._target(url, params)
        length = None if method == "GET" else len(body)
        with self._answer(method, target, _headers(target, headers, length), body) as (response, host):
            said = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
            answer = b""
            with suppress(AdapterBroken):  # for most it is nobody's to read, nor how much that is
                answer = self._body(response, said, host)
            return response.status, answer.decode(_encoding(said.get("content-type", "")), "replace")

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """For what speaks no http: only a host the operator listed with this port, and never a public one beside it.
        Raises RetryLater, NeedsReconnect."""
        if not self._intranet.allows(host, port):
            raise NeedsReconnect("host_not_listed", host=host, port=port)
        self._time.start(SECONDS)
        try:
            return self._guard.checked(host, port)
        except httpcore.ConnectTimeout:
            raise RetryLater("name_unknown", host=host) from None

    def seconds(self, most: float) -> float:
        """Of `most`, how many are left before all that is asked must be answered."""
        return self._time.at_most(most)

    def _worth_another(self, error: Exception) -> bool | timedelta:
        """Waits of a few seconds are sat out here, as the other side says or longer each time."""
        if not isinstance(error, RetryLater) or not self._time.is_left(WAITED_HERE):
            return False
        if error.after is None:
            return True
        return error.after if error.after <= WAITED_HERE else False

    def _target(self, url: str, params: Mapping[str, str]) -> httpcore.URL:
        host = ""
        try:
            if not url.isprintable() or " " in url:  # urlsplit would drop a tab or a line end without a word
                raise ValueError
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode("ascii")
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
            literal(host)
        except ValueError:  # UnicodeError is one
            raise NeedsReconnect("address_not_allowed", host=host) from None
        allowed = self._intranet.allows(host, port)
        schemes = {"http", "https"} if allowed else {"https"}
        fits = parts.scheme in schemes and (allowed or port in PUBLIC_PORTS)
        if not host or not fits or parts.username is not None or parts.fragment:
            raise NeedsReconnect("address_not_allowed", host=host)
        # Not quote_plus: some servers refuse a + for a blank.
        query = "&".join(filter(None, [parts.query, urlencode(params, quote_via=quote)]))
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")
        return httpcore.URL(scheme=parts.scheme, host=host, port=port, target=path)

    def _once(self, target: httpcore.URL, request: Request) -> Answer:
        self._pace.wait()
        content, kind = _content(request, target.host.decode())
        sent = _headers(target, {**request.headers, **kind}, len(content) if kind else None)
        with self._answer(request.method, target, sent, content) as (response, host):
            came = [(name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
            said = dict(came)
            self._judge(response.status, said, host, any_body=request.any_body)
            body = self._body(response, said, host)
        return Answer(_parsed(body, said.get("content-type", ""), host, any_body=request.any_body), came)

    @contextmanager
    def _answer(
        self, method: str, target: httpcore.URL, headers: list[tuple[bytes, bytes]], content: bytes
    ) -> Iterator[tuple[httpcore.Response, str]]:
        """What comes, and the host it comes from; all of it within SECONDS."""
        self._time.start(SECONDS)
        host = target.host.decode()
        try:
            with self._pool.stream(
                method.encode(),
                target,
                headers=headers,
                content=content,
                extensions={"timeout": {"connect": SECONDS, "read": SECONDS, "write": SECONDS, "pool": SECONDS}},
            ) as response:
                yield response, host
        except httpcore.TimeoutException:
            raise RetryLater("too_slow", host=host) from None
        except httpcore.ConnectError as error:
            if _untrusted(error):
                raise NeedsReconnect("certificate", host=host) from None
            raise RetryLater("unreachable", host=host) from None
        except httpcore.LocalProtocolError:  # a header that cannot be sent, a blank at its end for one
            raise NeedsReconnect("secret_unfit", host=host) from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError):
            raise RetryLater("cut_off", host=host) from None

    def _judge(self, status: int, said: Mapping[str, str], host: str, *, any_body: bool) -> None:
        if status == 200 or (any_body and status in (201, 204)):
            return
        words: dict[str, str | int] = {"host": host, "status": status}
        if status in (408, 425, 429) or status >= 500:
            code = "busy" if status in (429, 503) else "failing"
            raise RetryLater(code, after=retry_after(said.get("retry-after", ""), self._clock()), **words)
        if status in (401, 403):
            raise NeedsReconnect("sign_in_refused", **words)
        if 300 <= status < 400:
            raise NeedsReconnect("redirected", **words)
        raise AdapterBroken("not_found" if status in (404, 410) else "refused_request", **words)

    def _body(self, response: httpcore.Response, said: Mapping[str, str], host: str) -> bytes:
        if said.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise AdapterBroken("packed", host=host)  # not asked for, and a small body can unpack to gigabytes
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise AdapterBroken("too_large", host=host, limit=BODY_BYTES // 1024**2)
        return bytes(body)


def outside_of(tenant_slug: str, *, within: float | None = None, per_minute: int | None = None) -> Reach:
    """What connections of this company may use."""
    return Reach(tenant_slug, intranet=settings.INTEGRATION_INTRANET, within=within, per_minute=per_minute)


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Every address the name has. Raises OSError where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def retry_after(said: str, now: datetime) -> timedelta | None:
    """Seconds or a date, as RFC 9110 has it; None for nothing, nonsense and the past. At most an hour is believed."""
    said = said.strip()
    if said.isascii() and said.isdecimal():
        wait = timedelta(seconds=min(int(said[:9]), 10**8))
    else:
        try:
            at = parsedate_to_datetime(said)
        except (ValueError, OverflowError):
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta(0) else None


class _Time:
    """When the answer that is being fetched must be complete. A server that sends a byte every nine seconds keeps every
    single timeout and none of ours. With `within` all answers together have so many seconds."""

    def __init__(self, within: float | None) -> None:
        self._ends = 0.0
        self._all_end = math.inf if within is None else time.monotonic() + within

    def start(self, seconds: float) -> None:
        self._ends = min(time.monotonic() + seconds, self._all_end)

    def is_left(self, wait: timedelta) -> bool:
        """Whether something could still be asked after such a wait."""
        return time.monotonic() + wait.total_seconds() < self._all_end

    def at_most(self, seconds: float) -> float:
        return max(0.0, min(seconds, self._all_end - time.monotonic()))

    def left(self, late: type[Exception]) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise late
        return left


class _Pace:
    """Questions at least so many seconds apart, from the beginning of one to that of the next."""

    def __init__(self, apart: float, sleep: Callable[[float], None]) -> None:
        self._apart, self._sleep, self._next = apart, sleep, 0.0

    def wait(self) -> None:
        if not self._apart:
            return
        now = time.monotonic()
        if (left := self._next - now) > 0:
            self._sleep(left)
        self._next = max(now, self._next) + self._apart


class _Guard(httpcore.NetworkBackend):
    """Opens sockets to addresses that were checked, and to no other."""

    def __init__(self, intranet: Intranet, clock: _Time, resolve: Resolve, network: httpcore.NetworkBackend) -> None:
        self._intranet, self._time, self._resolve, self._network = intranet, clock, resolve, network

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError()
        for address in self.checked(host, port):
            try:
                left = self._time.left(httpcore.ConnectTimeout)
                stream = self._network.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._time)
        raise failed

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """Looked up in a thread: the resolver of the machine knows no limit of time. Raises OSError."""
        found: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self._resolve(host, port))
            except Exception as error:
                found.put(error)

        left = self._time.left(httpcore.ConnectTimeout)
        Thread(target=look_up, name="resolver", daemon=True).start()
        try:
            addresses = found.get(timeout=left)
        except Empty:
            raise httpcore.ConnectTimeout from None
        if isinstance(addresses, Exception):
            raise addresses
        return addresses

    def checked(self, host: str, port: int) -> Sequence[str]:
        """One name with one forbidden address is refused whole: which of them is used would be its owner's choice."""
        try:
            single = literal(host)
            found = [str(single)] if single else self._addresses(host, port)
            addresses: list[Address] = [ip_address(each) for each in found]
        except ValueError:
            raise NeedsReconnect("address_not_allowed", host=host) from None
        except OSError:
            raise RetryLater("name_unknown", host=host) from None
        rule = may_be_intranet if self._intranet.allows(host, port) else is_public
        if not addresses or not all(rule(address) for address in addresses):
            raise NeedsReconnect("address_not_allowed", host=host)
        return found


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the time of the whole answer."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Time) -> None:
        self._stream, self._time = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._time.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._time.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._time.left(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._time)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The authorities of the machine (SSL_CERT_FILE adds a company's own) and those of certifi, for bare images."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _untrusted(error: BaseException | None) -> bool:
    """Whether it goes back to a certificate, however often it was wrapped."""
    while error and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _content(request: Request, host: str) -> tuple[bytes, dict[str, str]]:
    """The body and what it is, where there is one."""
    if request.form is not None:
        text = urlencode(request.form, quote_via=quote)
        return text.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if request.method == "GET":
        return b"", {}
    try:
        return json.dumps(request.json, ensure_ascii=False, allow_nan=False).encode(), {
            "Content-Type": "application/json"
        }
    except ValueError:  # half a letter in what it signs in with
        raise NeedsReconnect("secret_unfit", host=host) from None


def _headers(target: httpcore.URL, headers: Mapping[str, str], length: int | None) -> list[tuple[bytes, bytes]]:
    host = target.host.decode()
    shown = f"[{host}]" if ":" in host else host
    if target.port != {b"https": 443, b"http": 80}[target.scheme]:
        shown += f":{target.port}"
    ours = {"Host": shown, "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "perfsys"}
    # A caller's own Host or Accept-Encoding does not get through.
    fixed = {"host", "accept-encoding", "connection", "content-length", "transfer-encoding"}
    theirs = {name: value for name, value in headers.items() if name.lower() not in fixed}
    if not all(
        _HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable() for name, value in theirs.items()
    ):
        raise NeedsReconnect("secret_unfit", host=host)  # a line end in it would be a header of somebody else's
    sent = {**ours, **theirs} | ({} if length is None else {"Content-Length": str(length)})
    return [(name.encode(), value.encode()) for name, value in sent.items()]


def _parsed(body: bytes, content_type: str, host: str, *, any_body: bool = False) -> Any:
    try:
        text = body.decode(_encoding(content_type))
        found = json.loads(text, parse_float=finite, parse_constant=finite)
        return storable(found) if _UNSTORABLE.search(text) else found
    except (ValueError, RecursionError) as error:
        if any_body:
            return None
        if isinstance(error, json.JSONDecodeError) and _ends_early(error):
            raise RetryLater("cut_off", host=host) from None
        raise AdapterBroken("not_json", host=host) from None


def _encoding(content_type: str) -> str:
    return "gb18030" if _CHINESE.search(content_type) else "utf-8-sig"


def _ends_early(error: json.JSONDecodeError) -> bool:
    """It was JSON as far as it goes: something on the way has cut it, and the next time may bring all of it."""
    text = error.doc.strip()
    return text[:1] in ("{", "[") and (text[0] + text[-1] not in ("{}", "[]") or error.pos >= len(error.doc.rstrip()))
