"""Who may use which view: every role against every kind of view, by token and by cookie."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mapper.accounts.access import UndeclaredRoute, check_every_route_declares
from mapper.accounts.roles import ROLES
from mapper.accounts.service import add_user, set_role, take_role
from mapper.app import create_app
from mapper.config import Settings
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import ApiToken, Crisis, User
from sqlalchemy import update

from tests.accounts.conftest import PASSWORD, make_app, post_sign_in

Bearer = Callable[..., dict[str, str]]
SignIn = Callable[..., str]

AUDIENCES = {
    "reporter": "public",
    "donor": "public",
    "partner": "partner",
    "verifier": "internal",
    "coordinator": "internal",
    "admin": "internal",
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_audience(client: FlaskClient, bearer: Bearer, role: str) -> None:
    answer = client.get("/api/v1/crises/coast/open", headers=bearer(role))
    assert answer.json["audience"] == AUDIENCES[role]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", ROLES)
def test_only_declared_roles_enter(client: FlaskClient, bearer: Bearer, role: str, method: str) -> None:
    expected = 200 if role in ("verifier", "admin") else 403
    answer = client.open("/api/v1/crises/coast/verify", method=method, headers=bearer(role))
    assert answer.status_code == expected


def test_a_donor_invited_as_a_partner_reads_as_one(
    client: FlaskClient, bearer: Bearer, sqlite_store: Store
) -> None:
    headers = bearer("donor")
    add_user(sqlite_store, "donor@example.org", "partner", "coast")
    assert client.get("/api/v1/crises/coast/open", headers=headers).json["audience"] == "partner"


def test_a_role_counts_in_its_own_crisis_only(
    client: FlaskClient, bearer: Bearer, sqlite_store: Store, make_crisis: Callable[..., Crisis]
) -> None:
    make_crisis(sqlite_store, "valley")
    headers = bearer("verifier")
    assert client.get("/api/v1/crises/valley/verify", headers=headers).status_code == 403
    assert client.get("/api/v1/crises/valley/open", headers=headers).json["audience"] == "public"


def test_a_role_without_a_crisis_counts_everywhere(client: FlaskClient, bearer: Bearer) -> None:
    headers = bearer("admin", None)
    assert client.get("/api/v1/crises/coast/verify", headers=headers).status_code == 200
    assert client.get("/api/v1/everywhere", headers=headers).status_code == 200


def test_a_crisis_role_opens_nothing_that_belongs_to_the_deployment(
    client: FlaskClient, bearer: Bearer
) -> None:
    assert client.get("/api/v1/everywhere", headers=bearer("verifier")).status_code == 403


def test_a_token_for_one_crisis_has_no_right_in_another(
    client: FlaskClient, bearer: Bearer, sqlite_store: Store, make_crisis: Callable[..., Crisis]
) -> None:
    make_crisis(sqlite_store, "valley")
    headers = bearer("verifier", None, only="coast")
    assert client.get("/api/v1/crises/coast/verify", headers=headers).status_code == 200
    assert client.get("/api/v1/crises/valley/verify", headers=headers).status_code == 403
    assert client.get("/api/v1/crises/valley/open", headers=headers).json["audience"] == "public"


def test_a_program_without_a_token_is_challenged(client: FlaskClient, coast: Crisis) -> None:
    answer = client.get("/api/v1/crises/coast/verify")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["open", "verify"])
@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic dTpw", "Bearer \udcff"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(
    client: FlaskClient, coast: Crisis, header: str, path: str
) -> None:
    environ = {"HTTP_AUTHORIZATION": header.encode("utf-8", "surrogateescape").decode("latin-1")}
    answer = client.get(f"/api/v1/crises/coast/{path}", environ_overrides=environ)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_a_revoked_token_is_refused(client: FlaskClient, bearer: Bearer, sqlite_store: Store) -> None:
    headers = bearer("verifier")
    with sqlite_store.write() as session:
        session.execute(update(ApiToken).values(revoked_at=sqlite_store.clock()))
    assert client.get("/api/v1/crises/coast/verify", headers=headers).status_code == 401


def test_the_token_of_a_person_who_left_is_refused(
    client: FlaskClient, bearer: Bearer, sqlite_store: Store
) -> None:
    headers = bearer("verifier")
    with sqlite_store.write() as session:
        session.execute(update(User).values(active=False))
    assert client.get("/api/v1/crises/coast/verify", headers=headers).status_code == 401


def test_a_person_is_shown_the_way_in_and_back(client: FlaskClient, coast: Crisis) -> None:
    answer = client.get("/crises/coast/verify?status=new", headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/crises/coast/verify?status%3Dnew"


def test_an_unknown_crisis_is_absent_for_everyone(client: FlaskClient, bearer: Bearer) -> None:
    for headers in ({}, bearer("donor"), bearer("admin", None)):
        answer = client.get("/api/v1/crises/atlantis/verify", headers=headers)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"


def test_a_demoted_persons_session_loses_its_rights_at_once(
    client: FlaskClient, sign_in: SignIn, sqlite_store: Store
) -> None:
    sign_in("verifier")
    assert client.get("/crises/coast/verify").status_code == 200
    with sqlite_store.write() as session:
        user = session.query(User).one()
        take_role(session, user.id, "verifier", crisis_by_slug(session, "coast").id)
    assert client.get("/crises/coast/verify").status_code == 403
    assert client.get("/crises/coast/open").json["audience"] == "public"


def test_a_deactivated_persons_session_ends(
    client: FlaskClient, sign_in: SignIn, sqlite_store: Store
) -> None:
    sign_in("verifier")
    with sqlite_store.write() as session:
        session.execute(update(User).values(active=False))
    assert client.get("/crises/coast/verify", headers={"Accept": "text/html"}).status_code == 302


def test_what_a_cookie_authenticates_needs_the_pages_own_token(client: FlaskClient, sign_in: SignIn) -> None:
    token = sign_in("verifier")
    assert client.post("/crises/coast/verify").status_code == 403
    assert client.post("/crises/coast/open", data={"csrf_token": "wrong"}).status_code == 403
    assert client.post("/crises/coast/verify", data={"csrf_token": token}).status_code == 200
    assert client.post("/api/v1/crises/coast/verify", headers={"X-CSRFToken": token}).status_code == 200


def test_nobody_in_particular_needs_no_csrf_token(client: FlaskClient, coast: Crisis) -> None:
    assert client.post("/crises/coast/open").status_code == 200


def test_a_token_is_never_helped_out_by_a_cookie(
    client: FlaskClient, sign_in: SignIn, bearer: Bearer
) -> None:
    sign_in("verifier")
    headers = bearer("donor")
    assert client.get("/api/v1/crises/coast/verify", headers=headers).status_code == 403
    assert client.get("/account/password", headers=headers).status_code != 200
    assert client.get("/api/v1/crises/coast/open", headers={"Authorization": "Bearer x"}).status_code == 401


def test_answers_to_people_are_kept_by_no_cache(client: FlaskClient, bearer: Bearer) -> None:
    public = client.get("/api/v1/crises/coast/open")
    assert public.headers["Cache-Control"] == "no-cache"  # or a cache would outlive the kill switch
    assert {"Authorization", "Cookie"} <= set(public.vary)
    for headers in (bearer("donor"), bearer("verifier")):
        answer = client.get("/api/v1/crises/coast/open", headers=headers)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert {"Authorization", "Cookie"} <= set(answer.vary)


def test_metrics_are_for_this_machine_or_a_token(client: FlaskClient, bearer: Bearer) -> None:
    assert "mapper_ledger_unsealed" in client.get("/metrics", headers=bearer("admin", None)).text
    outside = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=outside).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
    assert client.get("/metrics", environ_base=outside, headers=bearer("verifier")).status_code == 403
    assert client.get("/metrics", environ_base=outside, headers=bearer("admin", None)).status_code == 200


def test_the_site_of_everybody_knows_nobody(
    app: Flask, client: FlaskClient, bearer: Bearer, sign_in: SignIn
) -> None:
    sign_in("verifier")
    app.config["PUBLIC_ONLY"] = True
    assert client.get("/crises/coast/open").json["audience"] == "public"
    for path in ("/crises/coast/verify", "/api/v1/crises/coast/verify", "/login", "/account/password"):
        assert client.get(path).status_code == 404
    assert "/login" not in client.get("/").text
    assert client.get("/api/v1/crises/coast/open", headers=bearer("verifier")).status_code == 401


def test_a_view_that_declares_nothing_stops_the_start(app: Flask) -> None:
    app.view_functions["rooms.everyone"] = lambda slug: slug
    with pytest.raises(UndeclaredRoute, match=r"rooms\.everyone"):
        check_every_route_declares(app)


def test_a_view_that_slipped_through_is_refused(app: Flask, coast: Crisis) -> None:
    app.view_functions["rooms.everyone"] = lambda slug: slug
    assert app.test_client().get("/crises/coast/open").status_code == 403


def test_both_engines_find_roles(store: Store, settings: Settings, crisis: Crisis) -> None:
    user_id = add_user(store, "v@example.org", "verifier", "coast", PASSWORD)
    with store.write() as session:
        set_role(session, user_id, "donor", None)
        set_role(session, user_id, "donor", None)
    client = make_app(store, settings).test_client()
    assert post_sign_in(client, "V@example.org", PASSWORD).status_code == 302
    assert client.get("/crises/coast/verify").json == {"audience": "internal"}


@pytest.mark.parametrize("is_public_only", [False, True])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_error_page_does_not_fail_for_a_bad_token(
    sqlite_store: Store, settings: Settings, method: str, is_public_only: bool
) -> None:
    client = create_app(settings, sqlite_store, public_only=is_public_only).test_client()
    for path in ("/nothing", "/", "/crises/nothing/verify", "/account/password"):
        answer = client.open(path, method=method, headers={"Authorization": "Bearer none"})
        assert answer.status_code in (401, 404, 405), path
