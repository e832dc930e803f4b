"""What may go wider: rounded, withheld, and attacked by arithmetic before it is written."""
