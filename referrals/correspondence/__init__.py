"""The correspondence of a case, on paper and on screen: letters, files, messages and notices."""
