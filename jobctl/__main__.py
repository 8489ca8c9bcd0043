"""`python -m jobctl` is the same program as `jobctl`."""

from jobctl.cli.main import main

if __name__ == "__main__":
    main()
