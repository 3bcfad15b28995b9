"""The command line. Names, flags, JSON shapes and exit codes are a contract: 0 done, 1 the user's or the data's error,
2 wrong usage, 3 unavailable or internal."""

from __future__ import annotations

import logging
import os
import sys
import uuid


def main() -> None:
    """Runs the command line and turns errors into one line and an exit code."""
    import typer

    from integrations.cli.app import app
    from knowledge.errors import DataError, RapportError, Unavailable, UserError

    logging.basicConfig(level=os.environ.get("RAPPORT_LOG", "WARNING").upper(), format="%(levelname)s %(name)s: %(message)s")
    _tell_progress()
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except (UserError, DataError, Unavailable) as err:
        logging.getLogger("rapport").info("%s", err.code, exc_info=True)
        _say(err.code, f"{err.message} {err.hint}".strip())
        sys.exit(err.exit_code)
    except RapportError as err:
        reference = uuid.uuid4().hex[:8]
        logging.getLogger("rapport").info("reference %s", reference, exc_info=True)
        _say(err.code, f"Something went wrong in Rapport (reference {reference}).")
        sys.exit(err.exit_code)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted", "Stopped; nothing was published.")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as err:
        if hasattr(err, "exit_code") and hasattr(err, "format_message"):  # wrong usage, as the argument parser says it
            _say("usage", err.format_message())
            sys.exit(2)
        reference = uuid.uuid4().hex[:8]
        logging.getLogger("rapport").error("reference %s", reference, exc_info=True)
        _say("internal", f"Something went wrong in Rapport (reference {reference}; RAPPORT_LOG=debug shows more).")
        sys.exit(3)


def _tell_progress() -> None:
    """What takes long somewhere below is said like any other step."""
    steps = logging.StreamHandler()
    steps.setFormatter(logging.Formatter("· %(message)s"))
    logger = logging.getLogger("rapport.progress")
    logger.handlers, logger.propagate = [steps], False
    logger.setLevel(logging.INFO)


def _say(code: str, text: str) -> None:
    print(f"rapport: {code}: {' '.join(text.split())}", file=sys.stderr)  # noqa: T201
