"""Links in answers start with the site's own address, whatever a request says."""

import pytest
from mapper.app import create_app

LINKS = "/api/v1/crises/coast/incidents"
SPOOFED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}


def links_of(app, headers):
    tiles = app.test_client().get("/crises/coast/tiles/incidents.json", headers=headers)
    answer = app.test_client().get(LINKS, headers=headers)
    return [link["href"] for link in answer.json["links"]] + tiles.json["tiles"]


@pytest.mark.parametrize("hops", [0, 1])
def test_a_made_up_host_is_in_no_answer(sqlite_store, settings, make_crisis, hops):
    make_crisis(sqlite_store)
    keys = {"secret_key": "0" * 64, "key_encryption_key": "0" * 64}
    public = settings.model_copy(update={"public_url": "https://map.example.org", "trusted_proxies": hops})
    app = create_app(type(settings)(**public.model_dump() | keys), sqlite_store)
    for href in links_of(app, SPOOFED):
        assert href.startswith("https://map.example.org/")


def test_on_loopback_links_follow_the_port_that_was_asked(sqlite_store, settings, make_crisis):
    make_crisis(sqlite_store)
    for href in links_of(create_app(settings, sqlite_store), {"Host": "127.0.0.1:9123"}):
        assert href.startswith("http://127.0.0.1:9123/")
