"""Who may deliver: one bearer token, compared in constant time (RFC 6750)."""

import hmac

from sre_ingest.sdk.errors import Unauthenticated


class BearerToken:
    """Lets in who shows the token; lets in everybody when there is none."""

    def __init__(self, token: str | None) -> None:
        self._expected = None if token is None else token.encode()

    def check(self, authorization: str | None) -> None:
        """Raise Unauthenticated unless `authorization` is `Bearer` and the token."""
        if self._expected is None:
            return
        scheme, _, shown = (authorization or "").partition(" ")
        # Compared even when the scheme is wrong: the time of an answer tells nothing.
        same = hmac.compare_digest(shown.strip(" \t").encode(), self._expected)
        if not (same and scheme.lower() == "bearer"):
            raise Unauthenticated("Send the header Authorization: Bearer with the configured token.")
