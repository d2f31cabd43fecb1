"""Follows the revocation feed of an Ostiary server, with the standard library alone. For guards that are not ours."""
import base64, json, math, random, time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


class RevocationFollower:
    def __init__(self, issuer, client_id, client_secret, max_staleness=5):
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}".encode()
        self.url, self.headers = issuer + "/revocations", {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        self.marks, self.swept, self.heard, self.max_staleness = {}, 0, -math.inf, max_staleness

    def refuses(self, claims, kid=None):
        """Why an access token is refused that has been verified otherwise; None if it is good."""
        if time.monotonic() - self.heard > self.max_staleness:
            return "revocation_feed_stale"  # 503, with Retry-After
        named = {"key": kid, "token": claims["jti"], "session": claims["sid"], "subject": claims["sub"]}
        for effect in ("revoked", "stale"):
            for kind, value in named.items():
                version, _ = self.marks.get((kind, value, effect), (0, 0))
                if claims["ver"] < version:
                    return "token_stale" if effect == "stale" else "session_revoked" if kind == "session" else "token_revoked"

    def apply(self, entry):
        key = entry["kind"], entry["value"], entry["effect"]
        version, expires_at = self.marks.get(key, (0, 0))  # entries may come twice: nothing is ever taken back
        self.marks[key] = max(version, entry.get("version", math.inf)), max(expires_at, entry["expiresAt"])

    def forget_expired(self, now):
        if now > self.swept + 60:  # and 300 seconds late, for clocks that differ
            self.swept, self.marks = now, {key: mark for key, mark in self.marks.items() if mark[1] + 300 > now}

    def follow(self):
        """Never returns. Raises PermissionError if the credentials are refused."""
        delay = 0.1
        while True:
            try:
                for event, data in self.events():
                    for entry in data["entries"] if event == "snapshot" else [data] if event == "entry" else []:
                        self.apply(entry)
                    if event == "heartbeat":  # every entry up to its seq has been sent
                        delay, self.heard = 0.1, time.monotonic()
                        self.forget_expired(data["now"])
            except HTTPError as error:
                if error.code in (401, 403):
                    raise PermissionError(error.read().decode())
            except (OSError, HTTPException, ValueError):
                pass  # down, cut off in the midst of anything, or silent for three seconds
            time.sleep(delay * random.uniform(0.5, 1))
            delay = min(2 * delay, 5)

    def events(self):
        with urlopen(Request(self.url, headers=self.headers), timeout=3) as stream:
            fields = {}
            for line in stream:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                    continue
                yield fields["event"], json.loads(fields["data"])
                if "id" in fields:
                    self.headers["Last-Event-ID"] = fields["id"]  # from here it goes on
                fields = {}
