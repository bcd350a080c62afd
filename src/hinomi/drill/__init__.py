"""Exercises: scenarios, synthesis, referee."""
