"""Takes counts and findings; gives the tables a reader of this class may see."""
