"""The multidisciplinary team: its lists and meetings, opinions, decisions, treatments, plans and outcomes."""
