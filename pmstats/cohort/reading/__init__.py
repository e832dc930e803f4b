"""From the bytes of a file to cells of text with the row numbers an analyst sees."""
