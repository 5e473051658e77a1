"""The ground: time, actors, refusals, identifiers, text. Pure Python; imports no other app."""
