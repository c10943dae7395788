"""The test server of scim2-server, with a free port and its token from the environment.

    SCIM_TOKEN=... python server.py [PORT]

The same parts as its `scim2-server --bearer-token` command, which prints port 0 as it is and takes the token on the
command line. Prints its base URL as the first line (port 0 or none: a free one) and ends on SIGTERM or when its input
closes.
"""

import os
import sys
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from scim2_models import ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.testserver.cli import ThreadingWSGIServer
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)


class QuietHandler(WSGIRequestHandler):
    """Logs no request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def application(token: str) -> BearerTokenApplication:
    config = load_default_service_provider_config()
    config.authentication_schemes = [*(config.authentication_schemes or []), BEARER_TOKEN_SCHEME]
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )
    return BearerTokenApplication(InMemoryStorage(), provider, bearer_tokens=[token])


def end_with_input() -> None:
    """Ends the process when its input closes."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


def main() -> None:
    token = os.environ.get("SCIM_TOKEN")
    if not token:
        sys.exit("SCIM_TOKEN is not set")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    app = application(token)
    with make_server("127.0.0.1", port, app, server_class=ThreadingWSGIServer, handler_class=QuietHandler) as server:
        print(f"http://127.0.0.1:{server.server_port}/v2", flush=True)
        Thread(target=end_with_input, daemon=True).start()
        server.serve_forever()


if __name__ == "__main__":
    main()
