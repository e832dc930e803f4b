"""Property tests take their time: a busy machine is no fault, and each run tries the same."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.load_profile("unhurried")
