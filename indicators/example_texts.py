"""Examples in forms that fit every city.

The help texts of the models still have those of the first city: migrations hold them. Forms say
these instead.
"""

CODE_EXAMPLE = "city-2025"
CODE_HELP = f"アドレスになります。例：{CODE_EXAMPLE}"
NUMBER_HELP = "例：○○第123号"
