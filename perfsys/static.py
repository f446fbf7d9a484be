"""The scripts we serve from wheels; nothing else of those wheels becomes public, or is compressed at a deployment."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PREFIX = "vendor"
VENDOR = {
    "htmx-2.min.js": ("django_htmx", "static/django_htmx"),
    "plotly.min.js": ("plotly", "package_data"),
}


class PackagedFiles(BaseFinder):
    # A list or one path, by `find_all`: so Django wants it.
    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        found: Any = [storage.path(name) for name, storage in self.list() if f"{PREFIX}/{name}" == path]
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Any = None) -> Iterable[Any]:
        for name, (package, folder) in VENDOR.items():
            spec = importlib.util.find_spec(package)  # does not import it
            if spec is not None and spec.origin is not None:
                storage = FileSystemStorage(location=Path(spec.origin).parent / folder)
                storage.prefix = PREFIX  # type: ignore[attr-defined]  # Django's own finders set it as well
                yield name, storage
