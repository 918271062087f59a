"""Contradictions between the files of one pack, as far as the pack alone can show them.

A key's owner can write a whole pack anew; what he changes in one file only does not fit the others.
Judged are facts that every run of this program leaves alike. What only a success promises (each
callout with its picture, states as they were read) is asked of runs that claim one.
"""

from .judgement import contradictions

__all__ = ["contradictions"]
