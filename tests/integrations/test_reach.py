"""The way out: what a page may make the server fetch, and what it does with what comes back."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpcore
import pytest
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from integrations import reach
from integrations.adapters.base import AdapterBroken, Answer, NeedsReconnect, Request, RetryLater, SyncProblem
from integrations.adapters.contract import CANARY, everything_logged
from integrations.reach import ATTEMPTS, LONGEST_RETRY_AFTER, Reach, outside_of, retry_after
from tests.integrations.adapters.sources import FaultyCrm, faulty_crm, reach_to
from tests.integrations.adapters.stub import Asked, Reset, serving

PUBLIC = "47.96.0.1"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def crm() -> Iterator[FaultyCrm]:
    with faulty_crm() as server:
        yield server


def get(outside: Reach, url: str, **headers: str) -> Any:
    return outside.get_json(url, params={}, headers=headers)


def problem(outside: Reach, url: str, **headers: str) -> SyncProblem:
    with pytest.raises(SyncProblem) as caught:
        get(outside, url, **headers)
    return caught.value


# --- where it goes


class Recorder(httpcore.NetworkBackend):
    """Where a connection was asked for; opens none."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.asked.append((host, port))
        raise httpcore.ConnectError


def resolving(*answers: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """One answer a question, the last one for ever."""
    left = list(answers)
    return lambda host, port: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/",
        "ftp://crm.example.com/",
        "file:///etc/passwd",
        "gopher://crm.example.com/",
        "https:///customers",
        "https://crm.example.com:22/",
        "https://crm.example.com:80/",
        "https://crm.example.com:99999/",
        "https://user@crm.example.com/",
        "https://user:word@crm.example.com/",
        "https://crm.example.com\\@127.0.0.1/",
        "https://crm.example.com/#part",
        "https://crm.example.com/a b",
        "https://crm.example.com/\r\nX: y",
        "https://crm.exa\tmple.com/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://１２７。0。0.1/",
        "https://a..b/",
        "//crm.example.com/",
        "",
    ],
)
def test_an_address_that_is_not_allowed_opens_no_connection(url: str) -> None:
    network = Recorder()
    refused = problem(Reach("acme", resolve=resolving([PUBLIC]), network=network), url)
    assert isinstance(refused, NeedsReconnect) and refused.code == "address_not_allowed"
    assert network.asked == []


@pytest.mark.parametrize("name", ["localhost", "localhost.localdomain", "ip6-localhost", "crm.example.com"])
def test_a_name_with_one_address_inside_is_refused_whole(name: str) -> None:
    network = Recorder()
    outside = Reach("acme", resolve=resolving([PUBLIC, "127.0.0.1"]), network=network)
    assert problem(outside, f"https://{name}/").code == "address_not_allowed"
    assert network.asked == []


def test_it_connects_to_the_very_address_that_was_checked() -> None:
    """A name that is public when asked first and 127.0.0.1 when asked again is asked once a connection."""
    network = Recorder()
    outside = Reach("acme", resolve=resolving([PUBLIC], ["127.0.0.1"]), network=network)
    # The second attempt asks again, and then there is nothing to reach any more.
    assert problem(outside, "https://crm.example.com/").code == "address_not_allowed"
    assert network.asked == [(PUBLIC, 443)]


def test_it_tries_each_address_of_a_name() -> None:
    network = Recorder()
    both = [PUBLIC, "2400:3200::1"]
    assert (
        problem(Reach("acme", resolve=resolving(both), network=network), "https://crm.example.com:8443/").code
        == "unreachable"
    )
    assert network.asked == [(address, 8443) for address in both] * ATTEMPTS


def test_a_name_nobody_knows_is_tried_again() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError

    assert (
        problem(Reach("acme", resolve=unknown, network=Recorder()), "https://crm.example.com/").code == "name_unknown"
    )


def test_a_host_of_the_intranet_is_the_operators_word(crm: FaultyCrm, settings: Any) -> None:
    settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{crm.server_port}"]
    url = f"{crm.address}/customers"
    assert get(outside_of("acme"), url)["data"]["total"] == 40
    assert problem(outside_of("globex"), url).code == "address_not_allowed"
    other_port = url.replace(str(crm.server_port), "9")
    assert problem(outside_of("acme"), other_port).code == "address_not_allowed"
    assert len(crm.asked) == 1


def test_a_listed_name_must_not_lead_to_a_clouds_keys() -> None:
    network = Recorder()
    outside = Reach("acme", intranet=["acme=erp"], resolve=resolving(["169.254.169.254"]), network=network)
    assert problem(outside, "http://erp/").code == "address_not_allowed"
    assert network.asked == []


def test_the_environments_proxy_is_not_asked(crm: FaultyCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty_crm() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        get(reach_to(crm), f"{crm.address}/customers")
        assert proxy.asked == []


def test_a_redirect_is_not_followed(crm: FaultyCrm) -> None:
    with faulty_crm() as inside:
        crm.faults.append((302, {"Location": inside.address}))
        assert problem(reach_to(crm), f"{crm.address}/customers").code == "redirected"
        assert inside.asked == [] and len(crm.asked) == 1


# --- over TLS


def certificate_for(*names: str, folder: Path) -> tuple[Path, Path]:
    """Made by itself, for an hour around now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "perfsys test")])
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names
    ]
    now = datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


class AtHome(httpcore.SyncBackend):
    """Takes every connection to a server of this test, whatever address it was for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port, self.asked = port, list[tuple[str, int]]()

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.asked.append((host, port))
        return super().connect_tcp("127.0.0.1", self.port, *args, **kwargs)


@pytest.fixture
def tls(crm: FaultyCrm, tmp_path: Path) -> tuple[FaultyCrm, ssl.SSLContext, list[str | None]]:
    """The server behind TLS for crm.example.com, who trusts it, and the names clients asked for."""
    certificate, private = certificate_for("crm.example.com", folder=tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, private)
    names: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    crm.socket = serving.wrap_socket(crm.socket, server_side=True)
    return crm, ssl.create_default_context(cafile=certificate), names


def test_the_certificate_is_checked_for_the_name_at_the_checked_address(
    tls: tuple[FaultyCrm, ssl.SSLContext, list[str | None]],
) -> None:
    crm, trust, names = tls
    network = AtHome(crm.server_port)
    outside = Reach("acme", resolve=resolving([PUBLIC]), network=network, trust=trust)
    assert get(outside, "https://crm.example.com/customers")["code"] == 0
    assert network.asked == [(PUBLIC, 443)]
    assert names == ["crm.example.com"]
    assert crm.asked[0][1]["Host"] == "crm.example.com"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_of_another_name_or_authority_sends_nothing(
    trusted: bool, tls: tuple[FaultyCrm, ssl.SSLContext, list[str | None]]
) -> None:
    crm, trust, _ = tls
    name = "other.example.com" if trusted else "crm.example.com"
    network = AtHome(crm.server_port)
    outside = Reach("acme", resolve=resolving([PUBLIC]), network=network, trust=trust if trusted else None)
    refused = problem(outside, f"https://{name}/customers", Authorization="Bearer x")
    assert isinstance(refused, NeedsReconnect) and (refused.code, refused.words) == ("certificate", {"host": name})
    assert crm.asked == [] and len(network.asked) == 1  # and it is not tried again


def test_a_server_without_tls_is_no_answer(crm: FaultyCrm) -> None:
    outside = Reach("acme", resolve=resolving([PUBLIC]), network=AtHome(crm.server_port))
    assert problem(outside, "https://crm.example.com/customers").code == "unreachable"


# --- what comes back


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ((401, {}), NeedsReconnect, "sign_in_refused"),
        ((403, {}), NeedsReconnect, "sign_in_refused"),
        ((301, {"Location": "/"}), NeedsReconnect, "redirected"),
        ((404, {}), AdapterBroken, "not_found"),
        ((410, {}), AdapterBroken, "not_found"),
        ((400, {}), AdapterBroken, "refused_request"),
        ((422, {}), AdapterBroken, "refused_request"),
        ((204, {}), AdapterBroken, "refused_request"),
        ("packed", AdapterBroken, "packed"),
        ("large", AdapterBroken, "too_large"),
        (b"<html>sign in</html>", AdapterBroken, "not_json"),
        (b"", AdapterBroken, "not_json"),
        (b'{"a": NaN}', AdapterBroken, "not_json"),
        (b'{"a": 1e999}', AdapterBroken, "not_json"),
        (b'{"a": -Infinity}', AdapterBroken, "not_json"),
        (b"[" * 100_000, AdapterBroken, "not_json"),
        (b'{"a": "\xff\xfe"}', AdapterBroken, "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", AdapterBroken, "not_json"),
    ],
)
def test_an_answer_no_second_try_would_mend_is_an_error_at_once(
    fault: Any, kind: type[SyncProblem], code: str, crm: FaultyCrm
) -> None:
    crm.faults.append(fault)
    refused = problem(reach_to(crm), f"{crm.address}/customers")
    assert type(refused) is kind and refused.code == code
    assert len(crm.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        "reset",
        "cut",
        b'{"a": [1, 2',
        b'{"a": "half a wor',
        (500, {}),
        (502, {}),
        (503, {}),
        (429, {}),
        (429, {"Retry-After": "2"}),
    ],
)
def test_a_passing_fault_passes_unnoticed(fault: Any, crm: FaultyCrm) -> None:
    crm.faults.extend([fault, fault])
    assert get(reach_to(crm), f"{crm.address}/customers")["data"]["total"] == 40
    assert len(crm.asked) == 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [("reset", "cut_off"), ("cut", "cut_off"), (b"[1,", "cut_off"), ((500, {}), "failing"), ((503, {}), "busy")],
)
def test_a_fault_that_stays_is_put_off(fault: Any, code: str, crm: FaultyCrm) -> None:
    crm.faults.extend([fault] * (ATTEMPTS + 1))
    refused = problem(reach_to(crm), f"{crm.address}/customers")
    assert isinstance(refused, RetryLater) and (refused.code, refused.after) == (code, None)
    assert len(crm.asked) == ATTEMPTS


def test_a_long_retry_after_is_handed_on_at_once(crm: FaultyCrm) -> None:
    crm.faults.append((429, {"Retry-After": "120"}))
    refused = problem(reach_to(crm), f"{crm.address}/customers")
    assert isinstance(refused, RetryLater) and refused.after == timedelta(seconds=120)
    assert len(crm.asked) == 1


def test_a_server_that_drips_is_left_after_its_time(crm: FaultyCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "SECONDS", 0.2)
    crm.faults.extend(["drip"] * ATTEMPTS)
    assert problem(reach_to(crm), f"{crm.address}/customers").code == "too_slow"


def test_a_server_that_is_away_is_put_off(crm: FaultyCrm) -> None:
    with faulty_crm() as gone:
        outside, url = reach_to(gone), f"{gone.address}/customers"
    assert problem(outside, url).code == "unreachable"


def test_one_connection_serves_many_pages_and_ends_with_its_reach(crm: FaultyCrm) -> None:
    outside = reach_to(crm)
    for _ in range(3):
        get(outside, f"{crm.address}/customers")
    assert len(outside._pool.connections) == 1
    outside.close()
    assert outside._pool.connections == []


def test_words_of_a_problem_name_a_host_and_a_status_and_nothing_else(crm: FaultyCrm) -> None:
    crm.faults.append((400, {}))
    outside = reach_to(crm)
    with pytest.raises(SyncProblem) as caught:
        outside.get_json(
            f"{crm.address}/customers", params={"q": CANARY}, headers={"Authorization": f"Bearer {CANARY}"}
        )
    assert caught.value.words == {"host": "127.0.0.1", "status": 400}


def test_headers_and_query_reach_no_log(crm: FaultyCrm) -> None:
    crm.faults.extend([(503, {"Set-Cookie": f"id={CANARY}"}), "reset"])
    with everything_logged() as lines:
        reach_to(crm).get_json(f"{crm.address}/customers", params={}, headers={"Authorization": f"Bearer {CANARY}"})
    ours = [line for line in lines if "receive_response_headers" not in line]  # httpcore's, off in perfsys.logs
    assert len(lines) > 5 and [line for line in ours if CANARY in line] == []


def test_a_header_that_would_be_two_is_not_sent(crm: FaultyCrm) -> None:
    for value in ("a\r\nX-Other: b", "a\nb", "令牌", "a\x00"):
        assert problem(reach_to(crm), f"{crm.address}/customers", Authorization=value).code == "secret_unfit"
    assert crm.asked == []


def test_a_callers_host_does_not_get_through(crm: FaultyCrm) -> None:
    get(reach_to(crm), f"{crm.address}/customers", Host="inside.example", **{"Accept-Encoding": "gzip"})
    sent = crm.asked[0][1]
    assert sent["Host"] == f"127.0.0.1:{crm.server_port}" and sent["Accept-Encoding"] == "identity"


def test_parameters_are_written_without_plus_signs(crm: FaultyCrm) -> None:
    outside = reach_to(crm)
    crm.faults.append({"data": 1})
    outside.get_json(f"{crm.address}/客户?a=1", params={"$filter": "name eq '甬江 & b'"}, headers={})
    assert crm.asked[0][0] == ("/%E5%AE%A2%E6%88%B7?a=1&%24filter=name%20eq%20%27%E7%94%AC%E6%B1%9F%20%26%20b%27")


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        ('{"a": "甬江"}'.encode(), "application/json", "甬江"),
        ('\ufeff{"a": "甬江"}'.encode(), "application/json", "甬江"),
        ('{"a": "甬江"}'.encode("gb18030"), 'application/json; charset="GBK"', "甬江"),
        (b'{"a": "x\\u0000y\\ud800z"}', "application/json", "x\ufffdy\ufffdz"),
        (b'{"a": "\\ud83d\\ude00"}', "application/json", "😀"),
    ],
)
def test_an_answer_is_read_in_its_letters(body: bytes, content_type: str, value: str) -> None:
    assert reach._parsed(body, content_type, "crm") == {"a": value}


# --- for a person who waits


def test_within_its_time_nothing_is_waited_for_that_would_end_behind_it(crm: FaultyCrm) -> None:
    crm.faults.extend([(429, {"Retry-After": "3"}), "reset"])
    outside = Reach("acme", intranet=[f"acme=127.0.0.1:{crm.server_port}"], within=2)
    assert problem(outside, f"{crm.address}/customers").code == "busy"
    assert problem(outside, f"{crm.address}/customers").code == "cut_off"
    assert len(crm.asked) == 2


def test_its_time_is_for_all_answers_together(crm: FaultyCrm) -> None:
    outside = Reach("acme", intranet=[f"acme=127.0.0.1:{crm.server_port}"], within=0.5)
    get(outside, f"{crm.address}/customers")
    crm.faults.append("drip")
    assert problem(outside, f"{crm.address}/customers").code == "too_slow"
    assert problem(outside, f"{crm.address}/visits").code == "too_slow"
    assert len(crm.asked) == 2


def test_a_name_that_nobody_answers_for_is_waited_for_no_longer() -> None:
    done = Event()
    outside = Reach("acme", within=0.2, resolve=lambda host, port: [PUBLIC] if done.wait(5) else [])
    assert problem(outside, "https://crm.example.com/").code == "too_slow"
    done.set()


# --- how long it asks to wait


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", None),
        ("999999999999999999", LONGEST_RETRY_AFTER.total_seconds()),
        ("Fri, 20 Nov 2026 02:01:30 GMT", 90),
        ("Friday, 20-Nov-26 02:01:30 GMT", 90),
        ("Fri, 20 Nov 2026 01:59:00 GMT", None),
        ("Fri, 20 Nov 2099 02:00:00 GMT", LONGEST_RETRY_AFTER.total_seconds()),
        ("Fri, 20 Nov 2026 02:01:30 -0000", 90),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    assert retry_after(said, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40))
def test_no_retry_after_breaks_anything(said: str) -> None:
    wait = retry_after(said, NOW)
    assert wait is None or timedelta(0) < wait <= LONGEST_RETRY_AFTER


# --- what is sent


def asked_of(request: Request, status: int = 200, body: Any = b"{}") -> tuple[Asked, Answer]:
    with serving(lambda asked: (status, {"Set-Cookie": "s=1"}, body)) as server:
        outside = Reach("acme", intranet=[f"acme=127.0.0.1:{server.server_port}"])
        answer = outside.ask(replace(request, url=server.address + request.url))
        return server.asked[0], answer


def test_a_body_is_sent_as_what_it_is() -> None:
    asked, answer = asked_of(Request("/rpc", {"a": "1"}, {"X-A": "b", "Content-Length": "1"}, "POST", json={"名": [1]}))
    assert (asked.method, asked.path, asked.query, asked.json) == ("POST", "/rpc", "a=1", {"名": [1]})
    assert asked.headers["Content-Type"] == "application/json" and asked.headers["Content-Length"] == str(
        len(asked.body)
    )
    assert (answer.body, answer.header("set-cookie"), answer.header("link")) == ({}, "s=1", "")
    asked, _ = asked_of(Request("/token", method="POST", form={"scope": "a b", "p": "ü&="}))
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.body == b"scope=a%20b&p=%C3%BC%26%3D"


@pytest.mark.parametrize(("status", "body"), [(204, b""), (201, b"<html>welcome</html>"), (200, b"ok")])
def test_of_a_login_it_counts_that_it_was_answered(status: int, body: bytes) -> None:
    _, answer = asked_of(Request("/login", method="POST", json={}, any_body=True), status, body)
    assert (answer.body, answer.header("set-cookie")) == (None, "s=1")


@pytest.mark.parametrize(("fault", "tries"), [("reset", 2), ((503, {}), 2), ((302, {"Location": "/"}), 1)])
def test_what_is_sent_keeps_the_rules_of_what_is_fetched(fault: Any, tries: int) -> None:
    left = [fault]

    def answer(asked: Asked) -> Any:
        match left.pop() if left else None:
            case "reset":
                raise Reset
            case (status, headers):
                return status, headers, {}
        return 200, {}, {"data": 1}

    with serving(answer) as server:
        outside = Reach("acme", intranet=[f"acme=127.0.0.1:{server.server_port}"])
        with suppress(NeedsReconnect):
            outside.ask(Request(server.address, method="POST", json={"password": CANARY}))
        assert len(server.asked) == tries
    refused = "address_not_allowed"
    with pytest.raises(NeedsReconnect, match=refused):
        Reach("acme").ask(Request("http://169.254.169.254/latest", method="POST", json={}))


def test_half_a_letter_in_what_it_signs_in_with_is_not_sent() -> None:
    with pytest.raises(NeedsReconnect, match="secret_unfit"):
        asked_of(Request("/login", method="POST", json={"password": "\ud800"}))
