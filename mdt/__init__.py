"""The multidisciplinary team: which cases it is asked to discuss."""
