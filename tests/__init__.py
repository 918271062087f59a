"""Tests: one folder for each package, and at the top what concerns the whole house."""
