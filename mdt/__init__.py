"""The multidisciplinary team: its lists, opinions, decisions, treatments, plans and outcomes."""
