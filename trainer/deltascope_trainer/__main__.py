"""Entry point: standard output belongs to the protocol before anything else is imported."""

from .protocol import take_stdout

_PROTOCOL = take_stdout()

import sys  # noqa: E402

from .cli import main  # noqa: E402

sys.exit(main(sys.argv[1:], _PROTOCOL))
