"""`python -m perfsys.healthcheck`: is the web server of this container ready? For compose; standard library only."""

import os
import sys
import urllib.request


def main() -> int:
    port = os.environ.get("WEB_BIND", ":8000").rpartition(":")[2]
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").partition(",")[0].strip().lstrip(".")  # no other is answered
    request = urllib.request.Request(f"http://127.0.0.1:{port}/health/ready/", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4) as reply:
            return 0 if reply.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
