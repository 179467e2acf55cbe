"""Who gets a socket: credentials and Origin, before anything is upgraded."""

from __future__ import annotations

from tests.servers import Server


async def test_socket_without_credentials_is_refused_before_the_upgrade(server: Server) -> None:
    """[ID1]"""
    assert await server.handshake(user=None) == 403
    assert await server.handshake(user=None, Origin=f"http://{server.host}") == 403
    assert not server.database.exists() or server.stored("conversations")["conversations"] == []


async def test_wrong_credentials_are_none(server: Server) -> None:
    """[ID1]"""
    for value in ("token wrong", "Bearer wrong", "Basic YWRhOmFkYQ==", "token ", "token-of-ada"):
        assert await server.handshake(user=None, Authorization=value) == 403, value
    forged = f"username-{server.host.replace('.', '-').replace(':', '-')}=2|1:0|10:1|x:3:YWRh|0"
    assert await server.handshake(user=None, Cookie=forged, Origin=f"http://{server.host}") == 403


async def test_token_opens_a_socket_from_anywhere(server: Server) -> None:
    """[ID2] Whoever holds a token is no page that was lured here."""
    assert await server.handshake(user="ada") == 101
    assert await server.handshake(user="ada", Origin="https://elsewhere.example") == 101


async def test_cookie_opens_a_socket_from_the_same_origin(server: Server) -> None:
    """[ID2]"""
    login = await server.log_in("ada")
    origin = f"http://{server.host}"
    assert await server.handshake(user=None, Cookie=login.cookie, Origin=origin) == 101


async def test_cookie_opens_no_socket_from_another_origin(server: Server) -> None:
    """[ID2]"""
    login = await server.log_in("ada")
    host, port = "127.0.0.1", server.port
    for origin in (
        "http://elsewhere.example",
        "null",
        "",
        "file://",
        f"http://{host}:{port + 1}",
        f"http://{host}",
        f"http://{host}:{port}.elsewhere.example",
        f"http://elsewhere-{host}:{port}",
        f"http://{host}:{port}@elsewhere.example",
        f"http://elsewhere.example/{host}:{port}",
        f"http://elsewhere.example?{host}:{port}",
        f"http://localhost:{port}",
        f"http://{host}:{port}, http://elsewhere.example",
        f"{host}:{port}",
        f"http://{host}:{port}\\.elsewhere.example",
    ):
        found = await server.handshake(user=None, Cookie=login.cookie, Origin=origin)
        assert found == 403, origin


async def test_cookie_without_an_origin_opens_no_socket(server: Server) -> None:
    """[ID2] Every browser sends an Origin with a WebSocket; a stolen cookie in a script may not."""
    login = await server.log_in("ada")
    assert await server.handshake(user=None, Cookie=login.cookie) == 403
    assert await server.handshake(user=None, Cookie=login.cookie, Host="elsewhere.example") == 403


async def test_origin_that_the_operator_allows_is_let_in(server: Server) -> None:
    """[ID2] That one, and none that only looks like it."""
    login = await server.log_in("ada")
    server.app.web_app.settings["allow_origin"] = "https://friend.example"
    for origin, status in [
        ("https://friend.example", 101),
        ("https://friend.example.elsewhere.example", 403),
        ("https://elsewhere.example", 403),
        ("null", 403),
    ]:
        assert await server.handshake(user=None, Cookie=login.cookie, Origin=origin) == status


async def test_who_may_not_read_gets_no_socket(server: Server) -> None:
    """[ID3]"""
    assert await server.handshake(user="stranger") == 403


async def test_impossible_conversation_has_no_socket(server: Server) -> None:
    """[RU1]"""
    for name in ("Team", "..", "%2e%2e", "a%2Fb", "-a", "a" * 65, "a%00", "%ff", "a%0a", "t%C3%A9"):
        assert await server.handshake(name) in (400, 404), name


async def test_tampered_cookie_opens_no_socket(server: Server) -> None:
    """[ID1]"""
    login = await server.log_in("ada")
    tampered = login.cookie.replace("2|1:0|", "2|1:1|")
    assert tampered != login.cookie
    origin = f"http://{server.host}"
    assert await server.handshake(user=None, Cookie=tampered, Origin=origin) == 403
