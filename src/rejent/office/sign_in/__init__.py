"""Ways of signing in, and what is known of them."""
