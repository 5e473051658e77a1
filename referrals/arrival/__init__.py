"""The arrival of a fact on a case, and its consequences."""
