"""Sign-in by an identity provider shaped like NHS CIS2 (OpenID Connect): who somebody is there, and which account that opens."""
