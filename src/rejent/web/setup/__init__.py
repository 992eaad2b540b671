"""The pages of set-up: from a one-time code to three people who sign in."""
