"""Adapters of other packages: the example of docs/adapters, built, installed by pip and held to the contract; and those
that cannot be used."""

import base64
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations import checks, presets
from integrations.adapters.base import AdapterBroken, Context
from integrations.adapters.contract import AdapterContract
from integrations.adapters.registry import BUILT_IN, GROUP, Broken, with_plugins
from tests.integrations.adapters.sources import NOW

DOCS = Path(__file__).parents[3] / "docs" / "adapters"
EXAMPLE = DOCS / "example"
CODE, ITS_TESTS = re.findall(r"```python\n(.*?)```", (DOCS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
WEIGHINGS = [
    {"id": n, "order": {"number": f"WO-{n % 40}"}, "weights": [9000, 9000 + n], "at": f"2026-11-20T08:{n % 60:02}:00"}
    for n in range(1, 251)
]


class Scales:
    """Hands out a hundred at a time."""

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        assert url == "https://scales.example.com/weighings" and headers["X-API-Key"]
        after = int(params["after"] or 0)
        return [each for each in WEIGHINGS if each["id"] > after][:100]


class Stuck:
    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        return [{"id": 7}] * 100


def wheel_of(folder: Path, into: Path) -> Path:
    """What setuptools would build of its pyproject, which is not everywhere: one module and its entry points."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    about = f"{name}-{version}.dist-info"
    points = "".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in found.items())
        for group, found in project["entry-points"].items()
    )
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    files[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n"
    files[f"{about}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{about}/entry_points.txt"] = points
    digests = {path: hashlib.sha256(text.encode()).digest() for path, text in files.items()}
    lines = [f"{path},sha256={base64.urlsafe_b64encode(digests[path]).rstrip(b'=').decode()}," for path in files]
    files[f"{about}/RECORD"] = "\n".join([*lines, f"{about}/RECORD,,"]) + "\n"
    wheel = into / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin")
    wheel, target = wheel_of(EXAMPLE, folder), folder / "packages"
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "install", "-q", *offline, "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True)
    return target


@pytest.fixture
def weighbridge(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(installed))
    adapters, broken = with_plugins(BUILT_IN, entry_points(group=GROUP))
    assert broken == []
    yield adapters["weighbridge"]
    sys.modules.pop("perfsys_weighbridge", None)


told: dict[str, Any] = {
    "AdapterContract": AdapterContract,
    "Context": Context,
    "NOW": NOW,
    "Scales": Scales,
    "Weighbridge": lambda: None,  # not before it is installed
    "ZoneInfo": ZoneInfo,
    "__name__": __name__,
}
exec(compile(ITS_TESTS, str(DOCS / "README.md"), "exec"), told)  # noqa: S102 our own words


class TestWeighbridge(told["TestWeighbridge"]):  # type: ignore[misc]
    @pytest.fixture(autouse=True)
    def _installed(self, weighbridge: Any) -> None:
        self.adapter = weighbridge


def test_the_package_holds_what_the_page_shows() -> None:
    assert (EXAMPLE / "perfsys_weighbridge.py").read_text(encoding="utf-8").endswith(f"\n\n{CODE}")


def test_its_pages_do_not_go_round(weighbridge: Any) -> None:
    context = Context(outside=Stuck(), zone=ZoneInfo("Asia/Shanghai"), now=NOW, tenant="acme", secret={"key": "k"})
    config = {"address": "https://scales.example.com"}
    with pytest.raises(AdapterBroken, match="goes_round"):
        list(weighbridge.pages(config, weighbridge.streams(config)[0], context, since="", position=None))


def test_it_can_be_chosen_and_asks_what_it_cannot_do_without(weighbridge: Any) -> None:
    preset = presets.of_plugin(weighbridge)
    assert (preset.adapter, preset.asks, dict(preset.config)) == ("weighbridge", ("address",), {})


# --- those that cannot be used


def point(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> EntryPoint:
    monkeypatch.setitem(sys.modules, "theirs", SimpleNamespace(**THEIRS))
    return EntryPoint(name, value, GROUP)


def leaves() -> None:
    raise SystemExit(3)


def fails() -> None:
    raise ZeroDivisionError


class Half:
    name, title, says, icon, takes_files = "half", "Half", "", "plug", False
    schema: Mapping[str, Any] = {}


class Unfit(Half):
    name = "unfit"
    schema: Mapping[str, Any] = {"type": "no such type"}
    secrets = streams = takes = test = pages = len


class Leaving(type):
    def __call__(cls) -> None:
        leaves()


class Gone(metaclass=Leaving):
    pass


class Failing(Half):
    def __init__(self) -> None:
        fails()


THEIRS = {"Half": Half, "Unfit": Unfit, "Gone": Gone, "Failing": Failing}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("half", "theirs:Half", "it lacks secrets, streams"),
        ("other", "theirs:Half", "its name is not that of its entry point"),
        ("unfit", "theirs:Unfit", "SchemaError"),
        ("csv_drop", "theirs:Half", "another adapter of this name"),
        ("gone", "theirs:Gone", "SystemExit: 3"),
        ("failing", "theirs:Failing", "ZeroDivisionError"),
        ("nowhere", "no_such_module_of_anybody:X", "ModuleNotFoundError"),
        ("nobody", "theirs:Nobody", "AttributeError"),
    ],
)
def test_one_that_cannot_be_used_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    adapters, broken = with_plugins(BUILT_IN, [point(name, value, monkeypatch)])
    assert set(adapters) == {adapter.name for adapter in BUILT_IN}
    assert [one.name for one in broken] == [name] and why in broken[0].why


def test_a_system_check_names_it_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "BROKEN", [Broken("half", "their-package", "it lacks pages")])
    [said] = checks.check_adapters(None)
    assert said.id == "integrations.W003" and not said.is_serious()
    assert "half of their-package" in str(said.msg)
