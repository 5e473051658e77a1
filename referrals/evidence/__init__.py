"""What is known of the patient, where it comes from and how sure it is. Pure."""
