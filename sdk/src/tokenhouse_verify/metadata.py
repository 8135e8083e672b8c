"""What the issuer says of itself: where its keys are, and where it can be asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from tokenhouse_verify.fetch import FetchError, fetch_object, require_safe_url


def find_endpoint(issuer: str, name: str) -> str:
    """Return the URL that the metadata of ``issuer`` give for ``name``.

    Spec: RFC 8414 §3

    Raises:
        FetchError: no metadata, metadata of another issuer, or no safe URL by that name.

    """
    parts = urlsplit(issuer)
    place = f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path.rstrip('/')}"
    metadata = fetch_object(place)
    url = metadata.get(name)
    if metadata.get("issuer") != issuer or not isinstance(url, str):
        raise FetchError(f"metadata of another issuer, or without {name}")
    try:
        return require_safe_url(url)
    except ValueError:
        raise FetchError(f"{name} is not safe") from None
