"""The key store: private halves of keys, apart from everything that is sealed to them."""
