#!/usr/bin/env python3
"""`demo` and `test` on a bare machine, and every Django command.

Only the standard library may be imported until the environment stands, and this file must still parse on an
old Python, or its owner would get a syntax error instead of the sentence below.
"""

import sys

WITHOUT_SERVICES = {"help", "version", "--help", "--version", "check", "collectstatic", "makemessages", "compilemessages"}
AS_OWNER = {"migrate", "sqlmigrate", "showmigrations", "makemigrations", "dbshell"}  # what changes or reads the schema


def main():
    if sys.version_info < (3, 11):
        sys.exit("perfsys needs Python 3.11 or newer: run this command with one, such as python3.12.")
    from perfsys.boot import environment

    command, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if command == "demo":
        from perfsys import supervisor

        options = supervisor.parse(arguments)  # a busy port is told before the minute of installing
        environment.enter("requirements.lock")
        return supervisor.run(options)
    if command == "test":
        environment.enter("requirements-test.lock")
        import pytest

        return int(pytest.main(arguments))  # on private servers of its own: see tests/conftest.py
    environment.enter_if_made()
    from django.core.management import execute_from_command_line

    def run():
        execute_from_command_line(sys.argv)

    if command in WITHOUT_SERVICES:
        return run()
    from perfsys import embedded

    with embedded.running(as_owner=command in AS_OWNER):
        return run()


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfsys.settings")
    sys.exit(main())
