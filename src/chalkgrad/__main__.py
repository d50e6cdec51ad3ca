"""`python -m chalkgrad` is the command `chalkgrad`."""

from chalkgrad.app.cli import main

main()
