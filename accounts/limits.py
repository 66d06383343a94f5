"""How often somebody may do something that costs others a mail."""

from django.core.cache import cache


def is_within(name: str, *, most: int, seconds: int) -> bool:
    """Counts one try; whether it is among the first `most` since there was none for so many seconds.

    The time is set anew at every try: the cache in files forgets it when it counts (Django's `incr` there keeps a value
    for five minutes, whatever was asked), and Redis does not.
    """
    if cache.add(name, 1, timeout=seconds):
        return True
    try:
        count = cache.incr(name)
    except ValueError:  # it went in between
        cache.set(name, 1, timeout=seconds)
        return True
    cache.touch(name, seconds)
    return count <= most
