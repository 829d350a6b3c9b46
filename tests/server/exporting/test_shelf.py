import threading

from server.exporting.shelf import Shelf


def test_a_file_is_made_once() -> None:
    shelf = Shelf(100, size_of=len)
    assert [shelf.get("a", lambda number=number: bytes([number])) for number in range(3)] == [b"\x00"] * 3  # type: ignore[misc]


def test_the_files_least_lately_asked_for_go_when_there_is_no_room() -> None:
    shelf = Shelf(100, size_of=len)
    for name in "abc":
        shelf.get(name, lambda: bytes(40))
    assert shelf.get("c", lambda: b"again") == bytes(40)
    assert shelf.get("a", lambda: b"again") == b"again"


def test_a_file_larger_than_the_shelf_is_given_and_not_kept() -> None:
    shelf = Shelf(100, size_of=len)
    assert shelf.get("a", lambda: bytes(200)) == bytes(200)
    assert shelf.get("a", lambda: b"again") == b"again"


def test_many_who_ask_at_once_wait_for_one_making() -> None:
    made: list[str] = []
    begun = threading.Event()

    def make() -> bytes:
        begun.wait(5)
        made.append("x")
        return b"file"

    shelf, got = Shelf(100, size_of=len), []
    threads = [threading.Thread(target=lambda: got.append(shelf.get("a", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join(5)
    assert (got, made) == ([b"file"] * 4, ["x"])
