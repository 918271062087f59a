"""Tests of the emulator; a package, so that modules may bear the names of other tests."""
