"""`python -m augcli` is the console script."""

from augcli.cli import main

if __name__ == "__main__":
    main()
