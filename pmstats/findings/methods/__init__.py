"""The statistics themselves: numbers in, numbers out, each with its source."""
