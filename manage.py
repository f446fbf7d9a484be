#!/usr/bin/env python3
"""`demo` and `test` on a bare machine, and every Django command.

Only the standard library may be imported until the environment stands, and this file must still parse on an
old Python, or its owner would get a syntax error instead of the sentence below.
"""

import os
import sys

WITHOUT_SERVICES = {"help", "version", "--help", "--version", "check", "collectstatic", "makemessages"}
# What changes or reads the schema, and what takes away rows that the app may only add.
AS_OWNER = {"migrate", "sqlmigrate", "showmigrations", "makemigrations", "dbshell", "archive_raw"}


def main() -> int:
    if sys.version_info < (3, 11):
        sys.exit("perfsys needs Python 3.11 or newer: run this command with one, such as python3.12.")
    from perfsys.boot import environment

    command, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if command == "demo":
        from perfsys import supervisor

        options = supervisor.parse(arguments)  # a busy port is told before the minute of installing
        environment.enter("requirements.lock")
        _compile_translations()
        return supervisor.run(options)
    if command == "test":
        environment.enter("requirements-test.lock")
        _compile_translations()
        from perfsys.boot import testing

        return testing.run(arguments)  # on private servers of its own: see tests/conftest.py
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfsys.settings")  # not for pytest, which has its own
    environment.enter_if_made()
    _compile_translations()
    from django.core.management import execute_from_command_line

    if command in WITHOUT_SERVICES and not any(word.startswith("--database") for word in arguments):
        execute_from_command_line(sys.argv)
        return 0
    from perfsys import embedded

    with embedded.running(as_owner=command in AS_OWNER):
        execute_from_command_line(sys.argv)
    return 0


def _compile_translations() -> None:
    from perfsys.boot import ROOT, catalogues

    if os.access(ROOT / "locale", os.W_OK):  # an image is built with them
        catalogues.compile_stale(ROOT / "locale")


if __name__ == "__main__":
    sys.exit(main())
