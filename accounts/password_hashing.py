"""How passwords are hashed: Argon2id with the minimum parameters that OWASP recommends.

Source: OWASP Password Storage Cheat Sheet. More memory and threads protect better, but fifty people
log in on the same morning, on a server with two cores. A hash with other parameters stays valid and
is renewed at the next log-in.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2ForTwoCores(Argon2PasswordHasher):
    """Argon2id with 19 MiB of memory (in KiB below), two passes and one thread."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
