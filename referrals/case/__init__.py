"""The case: its tables, its states, who may do what, who it is about, and how it is found."""
