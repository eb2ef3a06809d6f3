"""`python -m attrib` is `attrib`."""

from attrib.cli.main import main

if __name__ == "__main__":
    main()
