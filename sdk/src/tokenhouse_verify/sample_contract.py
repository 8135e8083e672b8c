"""A sample resource server for a contract whose APIs take more than tokens: a client's pair, a device's key.

    python -m tokenhouse_verify.sample_contract --contract FILE --issuer URL --client-id ID [--port 8403]

FILE is what ``tokenhouse dialect export NAME`` prints, ``-`` for the standard input; URL is the issuer whose metadata
name the introspection endpoint; ID is this service as a client that may introspect, its secret is in the environment:
``INTROSPECTION_CLIENT_SECRET``. It listens on the loopback only.

``GET /`` is open. ``GET /who`` says who calls: ``kind``, ``client_id``, ``sub``, ``device``, ``scope``, ``contract``.
``GET /devices/ID`` lets a device in with its own key only, everybody else with any. ``GET /counts`` says how many
requests used which contract. The standard ``Authorization: Bearer`` is taken beside the contract's own ways.
"""

import os
import sys
from argparse import ArgumentParser, FileType
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tokenhouse_verify import InvalidToken, Presentation, Reason
from tokenhouse_verify.starlette import TokenMiddleware, require


@require()
async def _who(request: Request) -> Response:
    token = request.state.token
    said = {name: getattr(token, name) for name in ("kind", "client_id", "sub", "device", "scope", "contract")}
    return JSONResponse(said)


@require()
async def _device(request: Request) -> Response:
    device = request.path_params["device"]
    if request.state.token.kind == "device_key" and request.state.token.device != device:
        raise InvalidToken(Reason.WRONG_KIND)
    return JSONResponse({"device": device})


def _make(contract: Presentation, issuer: str, client_id: str, secret: str) -> Starlette:
    counts: Counter[str] = Counter()
    app = Starlette()
    app.add_route("/", lambda _: PlainTextResponse("This page is open."))
    app.add_route("/counts", lambda _: JSONResponse(counts))
    app.add_route("/who", _who)
    app.add_route("/devices/{device}", _device)
    app.add_middleware(
        TokenMiddleware,
        issuer=issuer,
        audience=None,
        client_id=client_id,
        client_secret=secret,
        mode="introspection",
        presentation=contract.beside(Presentation()),
        on_presentation=lambda name: counts.update([name]),
    )
    return app


if __name__ == "__main__":
    import uvicorn

    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--contract", required=True, type=FileType("rb"))
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--port", type=int, default=8403)
    args = parser.parse_args()
    secret = os.environ.get("INTROSPECTION_CLIENT_SECRET") or sys.exit("INTROSPECTION_CLIENT_SECRET is not set")
    app = _make(Presentation.load(args.contract.read()), args.issuer, args.client_id, secret)
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="warning")
