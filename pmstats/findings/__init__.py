"""Takes counts; gives intervals, tests and `Finding`s with a verdict each."""
