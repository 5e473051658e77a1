"""The evidence about a patient, its sources and how sure it is. Pure."""
