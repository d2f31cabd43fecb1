"""Guards a FastAPI app: PyJWT verifies the access tokens of an Ostiary server, and the follower tells of sign-outs.

Refuses with the status, error, reason and challenge that Ostiary's own guards have (RFC 6750 §3).
"""
import json, threading, time
from dataclasses import dataclass
from urllib.request import urlopen

import jwt
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from follower import RevocationFollower

ALGORITHMS = {"ES256", "RS256", "EdDSA"}  # never the HS family: its key would be a public one here
CLAIMS = ["iss", "aud", "sub", "exp", "iat", "jti", "client_id", "sid", "ver"]  # RFC 9068 §2.2, and the session's
TOLERANCE = 5  # seconds that clocks may differ by
MAX_TOKEN = 16_384
ASK_AGAIN, ASK_TIMEOUT, LAST_GOOD = 5, 5, 86_400  # seconds


class Refused(Exception):
    """The request is not let in."""

    def __init__(self, status, error, description, reason=None, challenge=None):
        super().__init__(description)
        self.status, self.body = status, {"error": error, "error_description": description}
        self.headers = {"Cache-Control": "no-store"}
        if reason:
            self.body["reason"] = reason
        if status == 503:
            self.headers["Retry-After"] = "1"
        if challenge:
            self.headers["WWW-Authenticate"] = challenge


def invalid_token(reason, description="The access token is refused."):
    challenge = f'Bearer error="invalid_token", error_description="{description}"'
    return Refused(401, "invalid_token", description, reason, challenge)


def unavailable(reason=None):
    return Refused(503, "unavailable", "Access tokens cannot be verified at the moment.", reason)


@dataclass(frozen=True)
class Identity:
    subject: str
    session_id: str
    roles: frozenset
    scopes: frozenset
    claims: dict


class Keys(jwt.PyJWKClient):
    """The issuer's keys. Whatever key ids tokens name, it is asked once in five seconds at most; while it is down the
    last keys go on for a day."""

    last, fetched, asked, lock = None, 0, float("-inf"), threading.Lock()

    def fetch_data(self):
        with self.lock:
            now = time.monotonic()
            if now > self.asked + ASK_AGAIN:
                self.asked = now
                try:
                    with urlopen(self.uri, timeout=ASK_TIMEOUT) as response:
                        self.last, self.fetched = json.load(response), now
                except (OSError, ValueError):
                    if self.last is None:
                        self.asked = float("-inf")
            if self.last is None or now > self.fetched + LAST_GOOD:
                raise unavailable()
            self.jwk_set_cache.put(self.last)
            return self.last

    def find(self, kid):
        """The key and its one algorithm (RFC 8725 §3.1)."""
        key = self.get_signing_key(kid).key
        return key, next((jwk.get("alg") for jwk in self.last["keys"] if jwk.get("kid") == kid), None)


class Guard:
    """`Depends(guard)` lets in whoever has a good access token, `Depends(guard.role("admin"))` who has the role too.

    Without the credentials of a guard client (`ostiary clients create <name> --guard`) nothing is heard of sign-outs, and
    a token is good until it expires.
    """

    def __init__(self, issuer, audience=None, client_id=None, client_secret=None, max_staleness=5):
        self.issuer, self.audience = issuer, audience or issuer
        self.keys = Keys(f"{issuer}/.well-known/jwks.json", lifespan=300)
        self.follower = None
        if client_id and client_secret:
            self.follower = RevocationFollower(issuer, client_id, client_secret, max_staleness)
            threading.Thread(target=self.follower.follow, daemon=True).start()

    def install(self, app: FastAPI):
        """Lets the app answer what is refused."""
        app.add_exception_handler(Refused, lambda _, e: JSONResponse(e.body, e.status, e.headers))

    def __call__(self, request: Request, _=Depends(HTTPBearer(auto_error=False))) -> Identity:
        headers = request.headers.getlist("authorization")
        if len(headers) > 1:
            text = "The request carries more than one access token."
            challenge = f'Bearer error="invalid_request", error_description="{text}"'
            raise Refused(400, "invalid_request", text, challenge=challenge)
        scheme, _, token = (headers[0] if headers else "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "missing_token", "An access token is required.", challenge="Bearer")
        return self.verify(token.strip(" "))

    def role(self, *names):
        """A dependency: the user has any of the roles."""

        def require(identity: Identity = Depends(self)) -> Identity:
            if identity.roles.isdisjoint(names):
                raise Refused(403, "insufficient_role", "The user has no role that is allowed here.")
            return identity

        return require

    def verify(self, token) -> Identity:
        """Who the access token is of. Raises Refused."""
        kid, claims = self._verified(token)
        reason = self.follower and self.follower.refuses(claims, kid)
        if reason == "revocation_feed_stale":
            raise unavailable(reason)
        if reason:
            raise invalid_token(reason)
        scopes = frozenset(claims.get("scope", "").split())
        return Identity(claims["sub"], claims["sid"], frozenset(claims.get("roles", [])), scopes, claims)

    def _verified(self, token):
        if len(token) > MAX_TOKEN:
            raise invalid_token("token_malformed")
        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("typ")).lower().removeprefix("application/") != "at+jwt":  # RFC 9068 §4
                raise invalid_token("claim_invalid")
            key, algorithm = self.keys.find(header.get("kid"))
            algorithms = [algorithm] if algorithm in ALGORITHMS else []
            options = {"require": CLAIMS}
            claims = jwt.decode(
                token, key, algorithms, options, audience=self.audience, issuer=self.issuer, leeway=TOLERANCE
            )
            return header["kid"], claims
        except jwt.ExpiredSignatureError:
            raise invalid_token("token_expired") from None
        except jwt.ImmatureSignatureError:
            raise invalid_token("token_not_active") from None
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
            raise invalid_token("signature_invalid") from None
        except jwt.DecodeError:
            raise invalid_token("token_malformed") from None
        except jwt.InvalidTokenError:
            raise invalid_token("claim_invalid") from None
        except jwt.PyJWTError:  # no key that PyJWT can use
            raise invalid_token("signature_invalid") from None
