"""What tests do with pages of one browser, and what they find in its storage."""

from __future__ import annotations

import json

from playwright.sync_api import Page


def post(page: Page, text: str) -> None:
    page.locator(".jc-Field").fill(text)
    page.keyboard.press("Enter")


def log(page: Page) -> list[str]:
    entries = json.loads(page.evaluate("() => localStorage['gallery:log'] ?? '[]'"))
    return [entry["body"]["text"] for entry in entries]


def sent(page: Page) -> list[tuple[str, str]]:
    frames = json.loads(page.evaluate("() => localStorage['gallery:sent'] ?? '[]'"))
    return [(frame["page"], frame["text"]) for frame in frames]


def lose(page: Page, state: str = "offline") -> None:
    page.evaluate("state => gallery.server.lose(state)", state)


def come_back(page: Page) -> None:
    page.evaluate("() => gallery.server.reconnectNow()")


READ = """async (store) => {
    const db = await new Promise((done, fail) => {
        const opening = indexedDB.open('jupyter_collab');
        opening.onsuccess = () => done(opening.result);
        opening.onerror = fail;
    });
    const all = db.transaction(store).objectStore(store).getAll();
    const records = await new Promise(done => { all.onsuccess = () => done(all.result); });
    db.close();
    return records;
}"""


def kept(page: Page) -> list[str]:
    return [record["item"]["command"]["text"] for record in page.evaluate(READ, "commands")]


def history(page: Page) -> list[list[str]]:
    """The texts of each conversation that is kept."""
    records = page.evaluate(READ, "kept")
    return [[message["text"] for message in record["kept"]["messages"]] for record in records]


def wait_for_history(page: Page, *texts: str) -> None:
    """A page that goes at once may go before its last words are written: that is not tried."""
    for _ in range(1000):
        found = history(page)
        if found == [list(texts)]:
            return
    raise AssertionError(found)


def wait_for_log(page: Page, *texts: str) -> None:
    page.wait_for_function(
        "want => JSON.parse(localStorage['gallery:log'] ?? '[]').length >= want", arg=len(texts)
    )
    assert log(page) == list(texts)


def wait_for_kept(page: Page, *texts: str) -> None:
    for _ in range(200):
        if kept(page) == list(texts):
            return
    raise AssertionError(kept(page))


def age_kept(page: Page, days: float) -> None:
    """Makes all that is in the browser's storage older."""
    page.evaluate(
        """async ms => {
        const opening = indexedDB.open('jupyter_collab');
        const db = await new Promise(done => {
            opening.onsuccess = () => done(opening.result);
        });
        const change = db.transaction(['commands', 'kept'], 'readwrite');
        const age = (store, each) => {
            const asked = store.getAll();
            asked.onsuccess = () => asked.result.forEach(record => {
                each(record);
                store.put(record);
            });
        };
        age(change.objectStore('commands'), ({ item }) => {
            item.createdAt -= ms;
            item.until -= ms;
        });
        age(change.objectStore('kept'), record => {
            record.usedAt -= ms;
            record.until -= ms;
        });
        await new Promise(done => { change.oncomplete = done; });
        db.close();
    }""",
        days * 86_400_000,
    )
