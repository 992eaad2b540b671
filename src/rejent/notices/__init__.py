"""Telling people: what is written for whoever is recorded, in the office's own wording where it has one; plates, publication."""
