"""A sample resource server: ``/product`` is open, ``/product/get`` needs a token, verified offline."""

from argparse import ArgumentParser

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse as Text

from tokenhouse_verify import Refusal, Unavailable, Verifier
from tokenhouse_verify.starlette import TokenMiddleware, require


@require()
async def _get(request: Request) -> Text:
    ids = request.query_params.getlist("id")
    if len(ids) != 1 or not ids[0]:
        return Text("Give one id, as in /product/get?id=1", 400)
    return Text(f"Ok!You successfully caught me. The Id is {ids[0]}", headers={"X-Content-Type-Options": "nosniff"})


def _refuse(refusal: Refusal) -> Text:
    status = 503 if isinstance(refusal, Unavailable) else 401
    return Text(str(status), status, refusal.headers())


if __name__ == "__main__":
    import uvicorn

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--jwks", required=True)
    parser.add_argument("--port", type=int, default=8402)
    args = parser.parse_args()
    app = Starlette()
    app.add_route("/product", lambda _: Text("This page is open."))
    app.add_route("/product/get", _get)
    verifier = Verifier(args.issuer, audience=None, jwks_url=args.jwks)
    app.add_middleware(TokenMiddleware, verifier=verifier, refusal=_refuse)
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="warning")
