"""Setting an office up in the browser, before anybody has an account."""
