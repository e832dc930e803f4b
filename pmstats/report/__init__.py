"""Takes tables that are safe to show; gives what people open."""
