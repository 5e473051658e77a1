"""What follows when a fact of a case arrives."""
