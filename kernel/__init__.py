"""The ground: time, actors, refusals, identifiers, text. Pure Python, imports nothing of ours."""
