"""An API with public, protected and admin-only routes.

    PYTHONPATH=../revocation-follower python3 -m uvicorn main:app --port 3000
"""
import os

from fastapi import Depends, FastAPI
from ostiary_guard import Guard, Identity

guard = Guard(
    issuer=os.environ.get("OSTIARY_ISSUER", "http://localhost:4000/auth"),
    audience=os.environ.get("OSTIARY_AUDIENCE"),  # the issuer, unless the server's settings name another
    client_id=os.environ.get("OSTIARY_CLIENT_ID"),
    client_secret=os.environ.get("OSTIARY_CLIENT_SECRET"),
)
app = FastAPI()
guard.install(app)


@app.get("/")
def hello():
    return {"hello": "everyone"}


@app.get("/me")
def me(who: Identity = Depends(guard)):
    return {"user": who.subject, "roles": sorted(who.roles)}


@app.delete("/users/{user}", status_code=204)
def delete_user(user: str, who: Identity = Depends(guard.role("admin"))):
    print(f"{who.subject} deletes {user}")
