#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")
    import django
    from django.core.management import ManagementUtility, execute_from_command_line

    if sys.argv[1:2] == ["version"]:
        # Django would answer with its own version, whatever command of that name there is.
        django.setup()
        ManagementUtility(sys.argv).fetch_command("version").run_from_argv(sys.argv)
    elif "--traceback" in sys.argv:
        execute_from_command_line(sys.argv)
    else:
        from django.db import OperationalError

        try:
            execute_from_command_line(sys.argv)
        except OperationalError as error:
            sys.exit(
                f"データベースを使えません（{str(error).strip()}）。"
                "DATABASE_URL と、データベースの状態を確かめてください。"
            )


if __name__ == "__main__":
    main()
