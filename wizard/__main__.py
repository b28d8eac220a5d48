"""`python -m wizard` is the same program as `wizard`."""

from wizard.cli import program

if __name__ == "__main__":
    program()
