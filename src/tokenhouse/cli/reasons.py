"""Reasons in words: what each cause of a refusal means, and what an operator looks at next."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """What a cause means, and what to do about it."""

    means: str
    do: str


REASONS: dict[str, Reason] = {
    "default": Reason("it was refused for no particular reason", "look at the log line of the same request id"),
    "malformed": Reason("the request does not have the shape of its contract", "compare it with the contract's page"),
    "wrong_method": Reason("the path is known, the HTTP method is not", "the answer's Allow header lists the methods"),
    "unsupported_media": Reason("the content type is none that this call reads", "look at `accept` in the dialect"),
    "too_large": Reason("the body or one value is larger than the limit", "server.body_limit"),
    "missing": Reason("a required parameter was not sent", "the answer says which"),
    "unsupported": Reason(
        "no operation of the contract is asked for like this", "the grant type, or what stands for it"
    ),
    "bad_client": Reason(
        "the client did not say who it is, or unreadably", "look at the Authorization header it sends"
    ),
    "unknown_client": Reason("there is no such client in this tenant", "tokenhouse client list"),
    "wrong_secret": Reason(
        "the secret is wrong, has ended, is for another use, or the client authenticates in another way",
        "tokenhouse client show ID; tokenhouse client rotate-secret ID",
    ),
    "client_disabled": Reason(
        "the client or its tenant is disabled, or its contract is over", "tokenhouse client show ID"
    ),
    "not_allowed": Reason(
        "the client may not use this contract, grant or call", "tokenhouse client show ID: contracts, grants, rights"
    ),
    "bad_scope": Reason("more scope was asked for than the client may have", "tokenhouse client show ID"),
    "bad_audience": Reason(
        "the resource is unknown, or not one of the client's", "tokenhouse resource list; tokenhouse client show ID"
    ),
    "insecure": Reason("the call came over plain http", "TLS at the server, or trusted_proxies for what is before it"),
    "bad_credentials": Reason(
        "the person, or what proves the person, changed while it was being checked", "it is safe to try again"
    ),
    "unknown_user": Reason("nobody goes by that name in this tenant", "tokenhouse user show NAME"),
    "wrong_password": Reason("the password is wrong, or the person has none", "tokenhouse user set-password NAME"),
    "user_disabled": Reason("the person is disabled", "tokenhouse user show NAME"),
    "user_locked": Reason(
        "an operator has locked the person, or wrong passwords have for a while", "tokenhouse user unlock NAME"
    ),
    "bad_assertion": Reason("the provider does not stand behind what was shown", "the client id at the provider"),
    "unknown_provider": Reason("no such provider is configured for the tenant", "[[provider]] in the configuration"),
    "provider_failed": Reason("the provider did not answer usefully in time", "the provider's state; the log line"),
    "bad_token": Reason("it is no token of this contract", "tokenhouse token inspect"),
    "no_token": Reason("no token came along", "how the contract presents tokens: [present] in its dialect"),
    "expired_token": Reason("the token or its session is over", "the app has to refresh, or the person to log in"),
    "revoked_token": Reason("the session was ended", "tokenhouse session list --all --user NAME"),
    "used_token": Reason(
        "a refresh token was used a second time: a copy exists, so its session was ended",
        "the person logs in again; an app that stores tokens in two places does this too",
    ),
    "foreign_token": Reason("the token was given to another client", "which app uses whose token?"),
    "wrong_bearer": Reason("the call takes a person's token and got an app's, or the other way", "the contract's page"),
    "bad_link": Reason("a mailed link was followed before, or is too old", "the person asks for another mail"),
    "not_found": Reason("what the call is about does not exist", "tokenhouse user show NAME"),
    "unacceptable": Reason("a value was understood and cannot be taken", "the answer says which"),
    "taken": Reason("somebody goes by that name already", "tokenhouse user show NAME"),
    "weak_password": Reason("the new password is too short or too long", "passwords.min_length"),
    "limited": Reason(
        "too many wrong guesses for this person, client or address; nothing was checked",
        "wait for the window, or tokenhouse user unlock NAME",
    ),
    "server_error": Reason("something broke", "the log line of the same request id has the trace"),
    "busy": Reason("a bounded queue was full", "the load; passwords.workers and passwords.queue"),
}
"""One row for each cause; a test holds it against the tree."""

OUTCOMES: dict[str, str] = {
    "login": "a person logged in",
    "client_token": "a client got a token for itself",
    "refresh": "a session was renewed",
    "revoke": "a token or a session was ended by its client",
    "refresh_reuse": "a session was ended because its refresh token was used twice",
    "refused": "the request was refused",
}
"""What the commonest events mean."""
