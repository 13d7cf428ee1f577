"""Put before everything in child processes of the tests: no network, and a dependency that prints."""

import builtins
import os
import socket
import sys

_connect = socket.socket.connect


def _refused(self: socket.socket, address: object) -> None:
    if self.family == socket.AF_UNIX:
        return _connect(self, address)
    raise AssertionError(f"the network was asked for {address}")


socket.socket.connect = _refused

if os.environ.get("DEPENDENCY_PRINTS"):
    _import = builtins.__import__

    def _noisy(name: str, *rest: object, **named: object) -> object:
        if name == "peft" and "peft" not in sys.modules:
            print("peft says hello")
            os.write(1, b"peft writes to descriptor 1\n")
            os.system("echo a child of peft")
        return _import(name, *rest, **named)

    builtins.__import__ = _noisy

if os.environ.get("HELD_AT"):
    import holding  # noqa: F401 - it takes hold by itself
