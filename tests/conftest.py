"""The harness: a private cluster a run, a template built once by the owner, a clone for each worker and for
each test that commits. Tests run as pm_app, so whatever production may not do, a test may not do either."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.assertion import rewrite

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps an event loop in this thread
# Settings are loaded by now. What a test starts as a process of its own is the product, without the probe app.
os.environ["DJANGO_SETTINGS_MODULE"] = "perfsys.settings"

from django.db import connection, connections
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, settings

from perfsys.common import vectors
from perfsys.tenancy import prepared
from perfsys.tenancy.catalogue import faults
from tests import snapshots
from tests.broker import private_valkey
from tests.cast import Person, employ
from tests.cluster import Cluster
from tests.examining import as_django_asks
from tests.snapshots import TEMPLATE

pytest_plugins = ["tests.browser", "tests.clients", "tests.running"]
ROOT = Path(__file__).parent.parent
COMMITTING = {"transactional_db", "live_server"}
RESET = "SELECT set_config('app.tenant_id', '', true)"

# A verdict of today is the verdict of tomorrow, on a loaded machine too; HYPOTHESIS=explore looks for new examples.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS", "suite"))

# Flush is TRUNCATE, which row security does not see and the app role may not. The clone is dropped instead.
TransactionTestCase._fixture_teardown = lambda self: None  # type: ignore[method-assign]


prepared.examiner = as_django_asks  # of every prepared question, on every page and in every job of the run


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the cluster before xdist spawns workers, which are told where it is."""
    if hasattr(config, "workerinput"):
        config.cluster = Cluster(Path(config.workerinput["folder"]), passwords=config.workerinput["passwords"])
    elif not config.option.collectonly:
        config.cluster = Cluster.temporary()
        config.template = build_template(config.cluster)
        if config.getoption("tx", None):  # workers, which collect their tests meanwhile
            rewrite_once(config)
        else:
            template_of(config)


def rewrite_once(config: pytest.Config) -> None:
    """Of a fresh copy of the source each worker would rewrite the assertions of all tests, at one time with the others,
    for as long as the rest of collecting takes it. This is pytest's own way, for whatever is not rewritten yet."""
    state = config.stash.get(rewrite.assertstate_key, None)
    if state is None:  # --assert=plain
        return
    for source in sorted(Path(__file__).parent.rglob("test_*.py")):
        folder = rewrite.get_cache_dir(source)
        rewritten = folder / (source.name[:-3] + rewrite.PYC_TAIL)
        if rewrite.try_makedirs(folder) and rewrite._read_pyc(source, rewritten) is None:
            fingerprint, code = rewrite._rewrite_test(source, config)
            rewrite._write_pyc(state, code, fingerprint, rewritten)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage, again and again, took a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "cluster") and not hasattr(config, "workerinput"):
        if config.template is not None:
            config.template.kill()
            config.template.wait()
        config.cluster.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["folder"] = str(node.config.cluster.folder)
    node.workerinput["passwords"] = dict(node.config.cluster.passwords)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    """The last moment before the first test is sent to a worker."""
    template_of(node.config)


def build_template(cluster: Cluster) -> "subprocess.Popen[bytes]":
    """Begins to; `finish_template` waits for it."""
    with closing(cluster.connect()) as admin:
        admin.cursor().execute(f"CREATE DATABASE {TEMPLATE} OWNER pm_owner")
    environment = {  # a process of its own, as at a deployment: Django here never signs in as the owner
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": cluster.url("pm_owner", TEMPLATE),
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    # The checks load every page, and tests of their own ask all of them (tests/walls/test_catalogue.py).
    command = [sys.executable, "manage.py", "migrate", "--skip-checks", "-v0"]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def template_of(config: pytest.Config) -> None:
    if config.template is not None:
        begun, config.template = config.template, None
        finish_template(config.cluster, begun)


def finish_template(cluster: Cluster, begun: "subprocess.Popen[bytes]") -> None:
    assert begun.wait() == 0, "the database could not be made: see above"
    with closing(cluster.connect(TEMPLATE, "pm_app")) as app:
        app.cursor().execute("SELECT app.create_tenant('acme', '甲公司'), app.create_tenant('globex', '乙公司')")


@contextmanager
def clone(cluster: Cluster, name: str, template: str = TEMPLATE) -> Iterator[None]:
    """Django pointed at a fresh copy of the template. FORCE: a server thread may still hold a connection."""
    connections.close_all()
    snapshots.copy(cluster, name, template)
    before = dict(connection.settings_dict)
    place = {"NAME": name, "HOST": str(cluster.folder), "PORT": "5432", "USER": "pm_app"}
    point_django_at({**place, "PASSWORD": cluster.passwords["pm_app"]})
    try:
        yield
    finally:
        connections.close_all()
        point_django_at(before)
        with closing(cluster.connect()) as admin:
            admin.cursor().execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def point_django_at(place: dict[str, Any]) -> None:
    connection.settings_dict.update(place)  # one dict for the connections of all threads


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.config.cluster


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a private Valkey of this worker; empty it yourself where that matters."""
    with private_valkey() as address:
        yield address


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, worker_id: str, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's, which would create and migrate a database as the app role."""
    with django_db_blocker.unblock(), clone(cluster, f"perfsys_{worker_id}"):
        yield
        snapshots.stand_in(None)
        with connection.cursor() as cursor:
            assert faults(cursor) == [], "a test changed the shared copy of this worker"


@pytest.fixture(autouse=True)
def own_clone(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database of the test, before any transaction in it is begun."""
    marker, names = request.node.get_closest_marker("django_db"), set(request.fixturenames)
    commits, beginning = COMMITTING & names or (marker and marker.kwargs.get("transaction")), snapshots.asked_for(names)
    if commits or beginning:
        request.getfixturevalue("django_db_setup")
    cluster, worker = request.config.cluster, request.getfixturevalue("worker_id")
    with request.getfixturevalue("django_db_blocker").unblock():
        database = snapshots.database_of(beginning, cluster, worker)
        snapshots.stand_in(None if commits else beginning)
        if commits:
            with clone(cluster, f"own_{worker}", database):
                yield
            return
    yield


@pytest.fixture
def _django_db_helper(own_clone: None, _django_db_helper: None) -> None:
    """Begins the transaction. Marked tests ask for it before any fixture of ours has its turn, and a transaction that
    has begun cannot go to another database."""


@pytest.fixture(autouse=True)
def own_language() -> None:
    """The language of the last request answered in this thread stays; each test begins with the product's own."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_encoder_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages begin to load the encoder when somebody may soon ask for it: a thread, seconds and 130 MB of a worker."""
    monkeypatch.setattr(vectors, "is_warm", lambda: False)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, own_clone: None) -> Any:
    """What the database this test begins with tells of itself (tests/snapshots.py); None where it is empty."""
    found = snapshots.asked_for(request.fixturenames)
    return snapshots.told_by(found) if found else None


@pytest.fixture
def transactional_db(own_clone: None, transactional_db: None) -> None:
    """Asked for at run time (getfixturevalue), it comes too late for `own_clone` to see: then fail, not commit."""
    assert connection.settings_dict["NAME"].startswith("own_"), "mark it django_db(transaction=True)"


@pytest.fixture
def owner(cluster: Cluster) -> Iterator[Any]:
    """A cursor of pm_owner on this test's database, rolled back at the end unless the test commits."""
    link = cluster.connect(connection.settings_dict["NAME"], "pm_owner")
    link.autocommit = False
    yield link.cursor()
    link.rollback()
    link.close()


def page_queries(client: Any, url: str, **headers: str) -> list[str]:
    """GET the page, which answers 200; what production would ask for it, session, account and scope included.

    Inside a test's transaction a scope shows three statements more: the SAVEPOINT before it, its RELEASE and the reset
    of the setting. In production these are BEGIN, COMMIT and nothing.
    """
    assert connection.in_atomic_block, "count in a test that does not commit"
    with CaptureQueriesContext(connection) as asked:
        response = client.get(url, **headers)
    assert response.status_code == 200, response.status_code
    sent = [query["sql"] for query in asked]
    opened = next((place for place, sql in enumerate(sent) if "app.open_scope(" in sql), None)
    if opened is None:
        return sent
    savepoint = sent[opened - 1]
    return [sql for sql in sent if sql not in {savepoint, f"RELEASE {savepoint}", RESET}]


def assert_page_queries(client: Any, url: str, expected: int, **headers: str) -> None:
    """Write the sum of `expected` out beside the call: `# 1 session, 1 account, 1 scope, 1 goals with owners`."""
    sent = page_queries(client, url, **headers)
    assert len(sent) == expected, f"{len(sent)} queries, expected {expected}:\n" + "\n".join(s[:300] for s in sent)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Callable[..., Person]:
    """Hires somebody beside the fixed cast: `cast("acme", "eve", manager=marta)`; see tests/cast.py."""
    committing = COMMITTING & set(request.fixturenames)
    request.getfixturevalue("transactional_db" if committing else "db")
    return employ


@pytest.fixture
def marta(cast: Callable[..., Person]) -> Person:
    """Ada's and Bob's manager."""
    return cast("acme", "marta")


@pytest.fixture
def ada(cast: Callable[..., Person], marta: Person) -> Person:
    """An employee of 甲公司 (acme)."""
    return cast("acme", "ada", manager=marta)


@pytest.fixture
def bob(cast: Callable[..., Person], marta: Person) -> Person:
    """A colleague of Ada's."""
    return cast("acme", "bob", manager=marta)


@pytest.fixture
def henk(cast: Callable[..., Person]) -> Person:
    """HR partner of the unit they are all in."""
    return cast("acme", "henk", hrbp=True)


@pytest.fixture
def anna(cast: Callable[..., Person]) -> Person:
    """Administrator of acme."""
    return cast("acme", "anna", admin=True)


@pytest.fixture
def otto(cast: Callable[..., Person]) -> Person:
    """Employee, manager and administrator of 乙公司 (globex): the stranger with every role."""
    person = cast("globex", "otto", admin=True)
    cast("globex", "olga", manager=person)
    return person
