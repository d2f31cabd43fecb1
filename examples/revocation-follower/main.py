"""Reads the claims of verified access tokens, a JSON object a line, and says of each what a guard would do.

    python3 main.py http://localhost:4000/auth <client id> <client secret>
"""
import json, os, sys, threading
from follower import RevocationFollower

follower = RevocationFollower(*sys.argv[1:4], max_staleness=float(os.environ.get("MAX_STALENESS", 5)))


def follow():
    try:
        follower.follow()
    except PermissionError as error:
        print(f"The credentials are refused: {error}", file=sys.stderr, flush=True)
        os._exit(1)


threading.Thread(target=follow, daemon=True).start()
for line in sys.stdin:
    print(follower.refuses(json.loads(line)) or "good", flush=True)
