"""Commands about what is kept and destroyed: terms, holds, keepers, keys."""
