"""Authlib (Debian: python3-authlib) as confidential, public and machine client."""

import os
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

BASE = os.environ["PARLEY_BASE"]
META = requests.get(BASE + "/.well-known/openid-configuration", timeout=10).json()
BACK = "http://127.0.0.1:4711/callback"  # Registered without a port: a loopback address may have any.
SCOPE = "openid profile sessions:read sessions:write"


def check(name, is_true, shown=""):
    print("ok" if is_true else "FAIL", name, "" if is_true else shown, flush=True)


def refused(name, error, act):
    try:
        answer = act()
        check(name, False, answer)
    except OAuthError as refusal:
        check(name, refusal.error == error, refusal)


def authorize(session, team):
    """A code with PKCE, a state and a nonce, exchanged."""
    verifier, nonce = generate_token(64), generate_token(20)
    url, state = session.create_authorization_url(META["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = requests.post(os.environ["BROWSER_URL"] + "?team=" + team, data=url.encode(), timeout=30).text
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
    check("the answer names its issuer", query.get("iss") == META["issuer"], back)
    token = session.fetch_token(META["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    return token, nonce, lambda: session.fetch_token(META["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)


def status(token):
    return requests.get(BASE + "/api/sessions/", headers={"Authorization": "Bearer " + token["access_token"]}, timeout=10).status_code


def check_id_token(token, client_id, nonce, team):
    keys = JsonWebKey.import_key_set(requests.get(META["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, claims_cls=CodeIDToken,
                        claims_options={"iss": {"essential": True, "value": META["issuer"]}, "aud": {"essential": True, "value": client_id}},
                        claims_params={"nonce": nonce, "client_id": client_id, "access_token": token["access_token"]})
    claims.validate()  # Raises where anything, at_hash and nonce included, is not right.
    check("the ID token is signed and says who it is", claims["sub"] == "ada@clients.example" and claims["name"] == "Ada Lovelace", claims)
    check("the ID token says for which team", claims["team"] == team, claims)


def user(client_id, secret, method, team):
    session = OAuth2Session(client_id, secret, scope=SCOPE, redirect_uri=BACK, code_challenge_method="S256", token_endpoint_auth_method=method)
    token, nonce, redeem_again = authorize(session, team)
    check_id_token(token, client_id, nonce, team)
    info = session.get(META["userinfo_endpoint"]).json()
    check("userinfo says the same", info["sub"] == "ada@clients.example" and info["team"] == team, info)
    check("the token opens the API", session.get(BASE + "/api/sessions/").status_code == 200)
    again = session.refresh_token(META["token_endpoint"])
    check("a refresh gives other tokens", again["access_token"] != token["access_token"] and again["refresh_token"] != token["refresh_token"])
    check("the old token is dead and the new one alive", status(token) == 401 and status(again) == 200)
    if secret:
        seen = session.introspect_token(META["introspection_endpoint"], token=again["access_token"]).json()
        check("introspection knows the token", seen["active"] and seen["client_id"] == client_id and seen["username"] == info["sub"], seen)
    gone = session.revoke_token(META["revocation_endpoint"], token=again["refresh_token"], token_type_hint="refresh_token")
    check("revocation is answered", gone.status_code == 200, gone.text)
    check("what was revoked opens nothing", status(again) == 401)
    refused("a revoked refresh token gives nothing", "invalid_grant", lambda: session.refresh_token(META["token_endpoint"], again["refresh_token"]))
    refused("a code is good for one use", "invalid_grant", redeem_again)


def machine(method):
    # Authlib does not form-encode what goes into Basic (RFC 6749, 2.3.1), so its secret has only letters.
    session = OAuth2Session("plain-machine-client", "secretOfThePlainMachineClient", scope="sessions:read", token_endpoint_auth_method=method)
    token = session.fetch_token(META["token_endpoint"], grant_type="client_credentials")
    check(f"a machine gets a token by {method}", status(token) == 200 and "refresh_token" not in token, token)
    seen = session.introspect_token(META["introspection_endpoint"], token=token["access_token"]).json()
    check("introspection knows it", seen["active"] and seen["scope"] == "sessions:read" and "username" not in seen, seen)
    session.revoke_token(META["revocation_endpoint"], token=token["access_token"])
    seen = session.introspect_token(META["introspection_endpoint"], token=token["access_token"]).json()
    check("and knows that it is revoked", seen == {"active": False}, seen)
    wrong = OAuth2Session("plain-machine-client", "wrong", scope="sessions:read", token_endpoint_auth_method=method)
    refused("a wrong secret is refused", "invalid_client", lambda: wrong.fetch_token(META["token_endpoint"], grant_type="client_credentials"))


for method in ("client_secret_basic", "client_secret_post"):
    user("web-client", "secret-of-the-web-client", method, "red")
    machine(method)
user("web-client", "secret-of-the-web-client", "client_secret_basic", "blue")
user("native-client", None, "none", "red")
