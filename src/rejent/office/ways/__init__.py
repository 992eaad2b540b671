"""Ways of signing in that others vouch for: an OpenID Connect provider, an LDAP directory (R-ACC-2)."""
